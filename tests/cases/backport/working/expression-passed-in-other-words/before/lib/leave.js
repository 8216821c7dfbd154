function leave(request, response, next) {
  const query = parse(request.url);
  if (query.known) {
    log.note(request.session, query);
    response.redirect(settings.base + query.to);
    return;
  }
  next();
}
