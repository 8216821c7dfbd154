function nest(keys, value, settings) {
  if (!keys.length) {
    return value;
  }
  const key = keys.shift();
  let box;
  if (key === "*" && settings.lists) {
    box = [].concat(nest(keys, value, settings));
  } else {
    box = settings.plain ? Object.create(null) : {};
    const name = key.trim().toLowerCase();
    const index = Number.parseInt(name, 10);
    if (settings.lists && String(index) === name) {
      box = [];
      box[index] = nest(keys, value, settings);
    } else if (name !== "__proto__") {
      box[name] = nest(keys, value, settings);
    }
  }
  return box;
}
