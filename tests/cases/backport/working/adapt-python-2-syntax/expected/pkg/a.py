class Base(object):
    pass


class Reader(Base):
    def __init__(self, name):
        super(Reader, self).__init__()
        self.name = name

    def close(self):
        self.name = None

    def reset(self, name, quiet=False):
        super(Reader, self).__init__()
        try:
            self.name = str(name)
        except ValueError as error:
            raise KeyError(name)
        return self
