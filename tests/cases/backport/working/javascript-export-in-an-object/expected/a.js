var split = require('./split').split;

module.exports = {
  parse: function (text, limit) {
    if (text.length > limit) {
      throw new RangeError("too long");
    }
    var parts = split(text);
    return parts.map(function (part) { return decode(part, limit); });
  },

  version: 2
};
