function leave(request, response, next) {
  const query = parse(request.url);
  if (query.known) {
    log.note(request.session, query);
    const goal = safe(settings.base + query.to);
    if (!goal) {
      throw new Error("elsewhere");
    }
    response.redirect(goal);
    return;
  }
  next();
}
