const { basename, join, resolve } = require('path');
const log = require('./log');
const fs = require('fs');

function load(root, name) {
  const file = join(root, name);
  return fs.readFileSync(file);
}
