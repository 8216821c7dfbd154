function decode (text) {
  if (text.length > LIMIT) { // bound it
    throw new RangeError('too long')
  }
  var result = unescape(text)
  return result
}
