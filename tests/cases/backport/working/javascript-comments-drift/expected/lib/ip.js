/**
 * Is it private?
 */
function isPrivate(addr) {
  addr = normalize(addr).toLowerCase(); /* quick */
  // see RFC 1918
  return /^10\./.test(addr) || /^127\./.test(addr);
}
