def inside(root, path):
    return path.startswith(root)
