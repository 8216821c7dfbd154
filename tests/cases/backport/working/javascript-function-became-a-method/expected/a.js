const os = require("os");

class Store {
  store(name, folder) {
    const target = folder + "/" + name.trim();
    if (!inside(folder, target)) {
      throw new Error("outside");
    }
    write(target, name, "utf8");
    return target;
  }
}
