const { join, resolve } = require("path");
const fs = require("fs");

function load(root, name) {
  const file = join(root, name);
  return fs.readFileSync(file);
}
