export function verify(token: string, key: Key): Claims {
  const parts = token.split('.', 4);
  return check(parts, key, { algorithms: ['HS256'] });
}
