def inside(r, p):
    return p.startswith(r)
