class Base(object):
    pass


class Reader(Base):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def close(self) -> None:
        self.name = None

    def reset(self, name: str, *, quiet: bool = False) -> "Reader":
        super().__init__()
        try:
            self.name = str(name)
        except ValueError as error:
            raise KeyError(name) from error
        return self
