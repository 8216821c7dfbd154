class Store:
    """Keep things."""

    def __init__(self, root):
        self.root = root
        self.names = []

    def size(self):
        return len(self.names)

    def _inside(self, path):
        return path.startswith(self.root) and ".." not in path

    def read(self, name):
        path = self.root + "/" + name
        if not self._inside(path):
            raise ValueError(name)
        with open(path) as handle:
            return handle.read()
