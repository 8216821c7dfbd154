class Store:
    """Keep things."""

    def __init__(self, root):
        self.root = root
        self.names = []

    def size(self):
        return len(self.names)

    def read(self, name):
        path = self.root + "/" + name
        with open(path) as handle:
            return handle.read()
