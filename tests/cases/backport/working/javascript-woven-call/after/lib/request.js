function request(url, options) {
  const agent = pick(options);
  return http.request(url, { agent: agent, headers: strip(options.headers), method: "GET" });
}
