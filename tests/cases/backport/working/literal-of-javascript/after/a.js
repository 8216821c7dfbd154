function clean(text) {
  return text.replace(/\s{1,9}([a-z]*) on\w+=(.*)$/gi, "");
}
