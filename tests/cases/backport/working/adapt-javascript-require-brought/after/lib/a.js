const fs = require("fs");
const path = require("path");

function read(root, name) {
  const file = root + "/" + name;
  if (path.relative(root, file).startsWith("..")) {
    throw new Error(name);
  }
  return fs.readFileSync(file);
}

module.exports = read;
