"""What the host looks like before and after a hostile run: secrets, listeners, folders, processes."""

import contextlib
import os
import secrets
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Fingerprint = dict[str, tuple[int, int, int, str]]


@dataclass(slots=True, kw_only=True)
class Host:
    """Baits laid on the host; `calls` are the connections that came in."""

    folder: Path
    marker: str
    secret: str
    port: int
    calls: list[str] = field(default_factory=list)

    @property
    def known(self) -> dict[str, object]:
        """What the hostile package is told, so that it need not search."""
        return {
            "folder": str(self.folder),
            "secret_file": str(self.folder / "secret"),
            "secret_name": f"AVR_HOSTILE_{self.marker.upper()}",
            "abstract": f"avr-hostile-{self.marker}",
            "marker": self.marker,
            "port": self.port,
        }

    def trouble(self, log: bytes) -> Iterator[str]:
        """Sentences about everything that got out of the sandbox."""
        if self.secret.encode() in log:
            yield "the host's secret is in the output"
        yield from (f"the host was called at {each}" for each in self.calls)
        if left := [each for each in _processes() if self.marker.encode() in each]:
            yield f"{len(left)} processes are still running"
        if [each.name for each in self.folder.iterdir()] != ["secret"] or (
            self.folder / "secret"
        ).read_text() != self.secret:
            yield "the host's folder was written to"
        yield from (f"{path} has a set-user-id bit" for path in _privileged())


@contextlib.contextmanager
def baited() -> Iterator[Host]:
    """Lay the baits, and take them away."""
    marker = secrets.token_hex(6)
    with tempfile.TemporaryDirectory(prefix="avr-bait-") as folder, socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        with socket.socket(socket.AF_UNIX) as abstract:
            abstract.bind(f"\0avr-hostile-{marker}")
            abstract.listen()
            host = Host(folder=Path(folder), marker=marker, secret=secrets.token_hex(16), port=tcp.getsockname()[1])
            (Path(folder) / "secret").write_text(host.secret)
            os.environ[str(host.known["secret_name"])] = host.secret
            for name, listener in (("its loopback device", tcp), ("its abstract socket", abstract)):
                threading.Thread(target=_listen, args=(listener, name, host.calls), daemon=True).start()
            try:
                yield host
            finally:
                del os.environ[str(host.known["secret_name"])]
                for listener in (tcp, abstract):
                    with contextlib.suppress(OSError):
                        listener.shutdown(socket.SHUT_RDWR)


def fingerprint(folder: Path) -> Fingerprint:
    """Every entry below a folder with mode, size, time and link."""
    found: Fingerprint = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        link = str(path.readlink()) if stat.S_ISLNK(status.st_mode) else ""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_size, status.st_mtime_ns, link)
    return found


def _listen(listener: socket.socket, name: str, calls: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            calls.append(name)
            connection.close()


def _processes() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def _privileged() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob("avr-run-*"):
        with contextlib.suppress(OSError):
            yield from (
                path
                for path in folder.rglob("*")
                if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID) and path.is_file()
            )
