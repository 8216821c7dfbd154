module.exports = {
  size: function () {
    return count;
  },

  get: function (key) {
    hits += 1;
    return data[key] || fallback[key];
  },

  clear: function () {
    data = {};
  }
};
