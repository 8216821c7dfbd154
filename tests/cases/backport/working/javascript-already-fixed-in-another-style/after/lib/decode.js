function decode(text) {
  if (text.length > LIMIT) {
    throw new RangeError("too long");
  }
  var result = unescape(text);
  return result;
}
