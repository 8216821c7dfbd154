class Headers:
    def __init__(self):
        self.items = {}

    def discard(self, name):
        self.items.pop(name, None)

    def without_content(self):
        self.discard("Content-Length")
        return self
