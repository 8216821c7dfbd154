function first(a) {
  const x = read(a);
  return x;
}
