function second(a) {
  const x = read(a)
  return x
}

function third(a) {
  const x = read(a)
  return x
}
