List.prototype = {
  item: function (index) {
    return this[index];
  },
  toString: function () {
    return this.join();
  },
};
