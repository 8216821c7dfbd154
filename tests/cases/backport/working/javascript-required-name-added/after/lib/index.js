const { join, relative, resolve } = require("path");
const fs = require("fs");

function load(root, name) {
  const file = join(root, name);
  if (relative(root, file).startsWith("..")) throw new Error("outside");
  return fs.readFileSync(file);
}
