function a(x) {
  var y = x + 1;
  return y;
}

function b(x) {
  return x;
}
