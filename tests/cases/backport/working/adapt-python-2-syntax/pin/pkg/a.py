class Base(object):
    pass


class Reader(Base):
    def __init__(self, name):
        super(Reader, self).__init__()
        self.name = name

    def close(self):
        self.name = None
