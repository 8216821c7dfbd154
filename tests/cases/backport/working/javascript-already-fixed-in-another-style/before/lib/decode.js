function decode(text) {
  var result = unescape(text);
  return result;
}
