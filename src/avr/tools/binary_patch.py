"""Binary files in patches as git writes and reads them (`GIT binary patch`, https://git-scm.com/docs/git-apply)."""

import base64
import hashlib
import zlib
from collections.abc import Iterator

from avr.tools.unified import quoted

_LINE = 52


def binary_patch(before: bytes | None, after: bytes | None, path: str) -> bytes:
    """The change of one file as a patch that `git apply` takes, forward and in reverse; None is a file not there."""
    head = [b"diff --git %s %s\n" % (quoted(b"a/", path), quoted(b"b/", path))]
    head += [b"new file mode 100644\n"] if before is None else []
    head += [b"deleted file mode 100644\n"] if after is None else []
    head.append(b"index %s..%s\n" % (_id(before), _id(after)))
    return b"".join((*head, b"GIT binary patch\n", *_literal(after or b""), *_literal(before or b"")))


def _literal(data: bytes) -> Iterator[bytes]:
    yield b"literal %d\n" % len(data)
    packed = zlib.compress(data, 9)
    for at in range(0, len(packed), _LINE):
        piece = packed[at : at + _LINE]
        size = len(piece)
        mark = ord("A") + size - 1 if size <= 26 else ord("a") + size - 27
        yield bytes([mark]) + base64.b85encode(piece, pad=True) + b"\n"
    yield b"\n"


def _id(data: bytes | None) -> bytes:
    """Git's name of a content; SHA-1 is its format here, no protection."""
    if data is None:
        return b"0" * 40
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest().encode()
