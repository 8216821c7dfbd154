export function verify(token: string, key: Key): Claims {
  const parts = token.split('.');
  return check(parts, key, { algorithms: ['HS256'] });
}
