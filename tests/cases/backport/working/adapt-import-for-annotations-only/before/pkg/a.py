import typing

if typing.TYPE_CHECKING:
    from typing import Protocol

    class Keys(Protocol):
        def keys(self) -> typing.Iterator[str]: ...


class Headers:
    def __init__(self) -> None:
        self.items = {}

    def discard(self, name: str) -> None:
        self.items.pop(name, None)
