// lead
function a(x) {
  var y = Number(x) + 1;
  return y;
}

function b(z) {
  return z;
}
