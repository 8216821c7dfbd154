const fs = require("fs");
const path = require("path");

function read(root, name) {
  const file = root + "/" + name;
  return fs.readFileSync(file);
}

module.exports = read;
