function request(url, options) {
  const agent = pick(options);
  return http.request(url, {
    agent: agent, // pooled
    headers: options.headers,
    method: options.method || 'GET',
  });
}
