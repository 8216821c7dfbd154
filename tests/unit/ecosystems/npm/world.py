"""A small npm registry on the loopback interface, for tests."""

import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar


def tarball(members: dict[str, bytes]) -> bytes:
    """A gzipped tar of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@dataclass
class World:
    """A small registry on the loopback interface: answers by path; what was asked is kept."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def offer(self, name: str, version: str, dist: dict[str, Any], **more: Any) -> None:
        """List one version of `name`, whose tarball is at `/<version>.tgz` unless `dist` says otherwise."""
        path = "/" + name.replace("/", "%2F")
        page = json.loads(self.pages.get(path, b'{"versions": {}, "time": {}}'))
        entry = {"name": name, "version": version, "dist": {"tarball": f"{self.url}/{version}.tgz", **dist}}
        page["versions"][version] = {**entry, **more}
        page["time"][version] = "2020-01-02T03:04:05.678Z"
        self.pages[path] = json.dumps(page).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves a `World` with entity tags."""

    world: ClassVar[World]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer from the pages; 304 where the tag is the same."""
        self.world.asked.append((self.path, dict(self.headers)))
        data = self.world.pages.get(self.path.replace("%2f", "%2F"))
        tag = f'"{hashlib.sha256(data or b"").hexdigest()}"'
        same = data is not None and self.headers.get("If-None-Match") == tag
        self.send_response(404 if data is None else 304 if same else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", "0" if same else str(len(data or b"")))
        self.end_headers()
        self.wfile.write(b"" if same else data or b"")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[World]:
    """A running registry."""
    Handler.world = World()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.world.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Handler.world
    server.shutdown()
    server.server_close()
    thread.join()
