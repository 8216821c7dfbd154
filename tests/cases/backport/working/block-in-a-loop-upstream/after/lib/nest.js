function nest(keys, value, settings) {
  let leaf = settings.read(value);
  for (let i = keys.length - 1; i >= 0; i--) {
    let box;
    const key = keys[i];
    if (key === "*" && settings.lists) {
      box = [].concat(leaf);
    } else {
      box = settings.plain ? Object.create(null) : {};
      const name = key.trim().toLowerCase();
      const index = Number.parseInt(name, 10);
      if (settings.lists && String(index) === name) {
        box = [];
        box[index] = leaf;
      } else if (name !== "__proto__") {
        box[name] = leaf;
      }
    }
    leaf = box;
  }
  return leaf;
}
