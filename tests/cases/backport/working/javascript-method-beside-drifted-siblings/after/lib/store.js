module.exports = {
  get: function (key) {
    return data[key];
  },

  has: function (key) {
    return Object.prototype.hasOwnProperty.call(data, key);
  },

  set: function (key, value) {
    data[key] = value;
  }
};
