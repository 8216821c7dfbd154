function leave(request, response, next) {
  const query = parse(request.url);
  if (query.known) {
    log.note(request.session, query);
    const goal = safe(query.next || request.headers.referer);
    if (!goal) {
      throw new Error("elsewhere");
    }
    response.redirect(goal);
    return;
  }
  next();
}
