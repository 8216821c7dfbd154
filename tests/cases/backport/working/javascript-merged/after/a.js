function a(x) {
  var y = Number(x) + 1;
  return y;
}

function b(x) {
  return x;
}
