export function verify(
  token: string,
  key: Key | undefined,
): Claims {
  const parts = token
    .trim()
    .split('.');
  return check(parts, key, { algorithms: ['HS256'] });
}
