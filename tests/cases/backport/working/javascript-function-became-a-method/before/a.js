const os = require("os");

function store(name, folder) {
  const target = folder + "/" + name;
  write(target, name);
  return target;
}
