export function verify(
  token: string,
  key: Key | undefined,
): Claims {
  const parts = token
    .trim()
    .split('.', 4);
  return check(parts, key, { algorithms: ['HS256'] });
}
