// lead
function a(x) {
  var y = x + 1;
  return y;
}

function b(z) {
  return z;
}
