function clean(text) {
  return text.replace(/\s+([a-z]*) on\w+=(.*)$/gi, "");
}
