var split = require('./split').split;

exports.parse = function (text, limit) {
  var parts = split(text);
  return parts.map(function (part) { return decode(part, limit); });
};

function decode(part, limit) {
  return part.trim().slice(0, limit);
}
