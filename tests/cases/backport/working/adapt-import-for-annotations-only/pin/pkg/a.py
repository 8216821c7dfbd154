class Headers:
    def __init__(self):
        self.items = {}

    def discard(self, name):
        self.items.pop(name, None)
