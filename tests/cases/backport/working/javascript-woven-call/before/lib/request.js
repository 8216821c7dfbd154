function request(url, options) {
  const agent = pick(options);
  return http.request(url, { agent: agent, headers: options.headers, method: "GET" });
}
