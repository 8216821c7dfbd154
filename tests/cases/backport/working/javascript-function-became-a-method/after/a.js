const os = require("os");

function store(name, folder) {
  const target = folder + "/" + name;
  if (!inside(folder, target)) {
    throw new Error("outside");
  }
  write(target, name);
  return target;
}
