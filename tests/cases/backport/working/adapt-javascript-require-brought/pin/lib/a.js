const fs = require("fs");

function read(root, name) {
  const file = root + "/" + name;
  return fs.readFileSync(file);
}

module.exports = read;
