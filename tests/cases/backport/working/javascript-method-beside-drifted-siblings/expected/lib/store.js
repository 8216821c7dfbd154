module.exports = {
  size: function () {
    return count;
  },

  get: function (key) {
    hits += 1;
    return data[key] || fallback[key];
  },

  has: function (key) {
    return Object.prototype.hasOwnProperty.call(data, key);
  },

  clear: function () {
    data = {};
  }
};
