const os = require("os");

class Store {
  store(name, folder) {
    const target = folder + "/" + name.trim();
    write(target, name, "utf8");
    return target;
  }
}
