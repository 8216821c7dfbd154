def allowed(user):
    return bool(user)
