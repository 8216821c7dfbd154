"""File contents of a repository one at a time, from one running `git cat-file --batch`: trees that are read lazily."""

import os
import select
import subprocess
import time
from collections import OrderedDict
from typing import Self

from avr.errors import AvrError
from avr.tools.git import MAX_FILE, Repository
from avr.tools.git_process import start

_PIECE = 1 << 20


class BlobReader:
    """Reads blobs by id; the last `keep` bytes of contents are remembered. To be used by one thread, in a `with`.

    `seconds` bounds each answer. Methods raise `AvrError` `git.missing-object`, `git.too-big`, `git.failed` or
    `git.timeout`.
    """

    def __init__(self, repository: Repository, *, keep: int = 128 << 20, seconds: float = 60) -> None:
        self._repository = repository
        self._keep = keep
        self._seconds = seconds
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        """Nothing is started before the first question."""
        return self

    def __exit__(self, *_: object) -> None:
        """End git."""
        if self._process is not None:
            self._process.kill()
            with self._process:
                self._process.wait()
            self._process = None

    def read(self, blob: str) -> bytes:
        """The content of the blob with this id."""
        if blob in self._known:
            self._known.move_to_end(blob)
            return self._known[blob]
        data = self._asked(blob)
        self._known[blob] = data
        self._held += len(data)
        while self._held > self._keep and len(self._known) > 1:
            self._held -= len(self._known.popitem(last=False)[1])
        return data

    def _asked(self, blob: str) -> bytes:
        assert blob.isalnum(), "an object id"
        process = self._process = self._process or start(
            [f"--git-dir={self._repository.directory}", "cat-file", "--batch"]
        )
        assert process.stdin is not None
        try:
            process.stdin.write(f"{blob}\n".encode())
        except BrokenPipeError as error:
            raise self._failed("git.failed", "ended too early") from error
        until = time.monotonic() + self._seconds
        while (end := self._buffer.find(b"\n")) < 0:
            self._more(process, until)
        words = self._buffer[:end].decode("utf-8", "replace").split(" ")
        del self._buffer[: end + 1]
        if words[-1] == "missing":
            raise self._failed("git.missing-object", f"lacks the file content {blob!r}")
        size = int(words[2])
        if size > MAX_FILE:
            raise self._failed("git.too-big", f"has a file of {size} bytes")
        while len(self._buffer) < size + 1:
            self._more(process, until)
        data = bytes(self._buffer[:size])
        del self._buffer[: size + 1]
        return data

    def _more(self, process: "subprocess.Popen[bytes]", until: float) -> None:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], max(until - time.monotonic(), 0))
        if not ready:
            raise self._failed("git.timeout", f"did not answer within {self._seconds:g} s")
        piece = os.read(process.stdout.fileno(), _PIECE)
        if not piece:
            raise self._failed("git.failed", "ended too early")
        self._buffer += piece

    def _failed(self, code: str, what: str) -> AvrError:
        return AvrError(code, f"the repository {self._repository.name!r} {what}", hint="check it with `git fsck`")
