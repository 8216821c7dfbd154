function first(a) {
  const x = check(read(a));
  return x;
}
