class Base(object):
    pass


class Reader(Base):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def close(self) -> None:
        self.name = None
