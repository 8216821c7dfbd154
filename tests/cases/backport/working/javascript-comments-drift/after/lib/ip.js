// Tell whether an address is private.
function isPrivate(addr) {
  // normal form
  addr = normalize(addr).toLowerCase();
  return /^10\./.test(addr) || /^127\./.test(addr);
}
