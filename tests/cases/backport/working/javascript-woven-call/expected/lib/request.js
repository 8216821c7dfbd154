function request(url, options) {
  const agent = pick(options);
  return http.request(url, {
    agent: agent, // pooled
    headers: strip(options.headers),
    method: options.method || 'GET',
  });
}
