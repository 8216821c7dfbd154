"""The index as it is met in the world: several indexes, old listings, broken downloads, wrong digests."""

import base64
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from avr.ecosystems.interface import FileKind, RegistryFile
from avr.ecosystems.pypi.index_config import IndexConfig, load
from avr.ecosystems.pypi.registry import LISTING_SECONDS, PyPIRegistry
from avr.errors import AvrError
from avr.model.identifiers import Digest

SDIST = b"source archive " * 70_000
JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Index:
    """A small index on the loopback interface: answers by path; what was asked is kept."""

    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    cut: int = 0
    """How many of the next answers break off in the middle."""
    url: str = ""

    def project(self, name: str, files: list[dict[str, Any]]) -> None:
        """List `files` as the project `name`."""
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files}
        self.pages[f"/simple/{name}/"] = (200, JSON, json.dumps(page).encode())

    def offer(self, filename: str, data: bytes = SDIST, sha256: str | None = None) -> dict[str, Any]:
        """Serve `data` as `filename` and return its entry for a listing."""
        self.pages[f"/files/{filename}"] = (200, "application/octet-stream", data)
        hashes = {"sha256": sha256 or hashlib.sha256(data).hexdigest()}
        return {"filename": filename, "url": f"../../files/{filename}", "hashes": hashes, "size": len(data)}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves an `Index`, with byte ranges."""

    index: ClassVar[Index]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer from the index's pages."""
        self.index.asked.append((self.path, dict(self.headers)))
        status, kind, data = self.index.pages.get(self.path, (404, "text/plain", b"no"))
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if self.index.cut and status == 200:
            self.index.cut -= 1
            self.wfile.write(data[start : start + len(data) // 2])
            self.close_connection = True
        else:
            self.wfile.write(data[start:])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[Index]:
    """A running index."""
    served = Index()
    handler = type("Bound", (Handler,), {"index": served})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    served.url = f"http://127.0.0.1:{server.server_port}/simple"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def registry_of(cache: Path, *urls: str, now: list[float] | None = None, folders: tuple[str, ...] = ()) -> PyPIRegistry:
    """A registry of the given indexes with a clock that stands still."""
    moments = now or [1000.0]
    config = IndexConfig(urls=urls, find_links=folders, timeout=5)
    return PyPIRegistry(cache, config, clock=lambda: moments[0])


def test_releases_are_in_the_order_of_pep_440(index: Index, tmp_path: Path) -> None:
    """1.10 follows 1.9, pre-releases come before their release, and what is no version is left out."""
    names = ["p-1.10.tar.gz", "p-1.9.tar.gz", "p-1.10rc1.tar.gz", "p-banana.tar.gz", "p-1.9.exe", "other-3.tar.gz"]
    index.project("p", [index.offer(name) for name in names])
    assert [each.version for each in registry_of(tmp_path, index.url).releases("P")] == ["1.9", "1.10rc1", "1.10"]


def test_what_the_index_tells_of_a_file_is_kept(index: Index, tmp_path: Path) -> None:
    """Kind, digest, upload time, Python versions and yanking come through, from the cache too."""
    entry = index.offer("p-1-py3-none-any.whl") | {
        "yanked": "broken", "requires-python": ">=3.6", "upload-time": "2020-04-13T16:16:44Z",
    }  # fmt: skip
    index.project("p", [entry])
    registry = registry_of(tmp_path, index.url)
    first, again = registry.releases("p"), registry.releases("p")
    file = first[0].files[0]
    told = (file.kind, file.sha256, file.yanked, file.requires_python, str(first[0].uploaded))
    assert (told, again) == (
        (FileKind.WHEEL, hashlib.sha256(SDIST).hexdigest(), True, ">=3.6", "2020-04-13 16:16:44+00:00"), first,
    )  # fmt: skip


def test_html_listings_are_understood(index: Index, tmp_path: Path) -> None:
    """An index that only speaks HTML (PEP 503) works too."""
    page = b"<a href='../../files/p-1.tar.gz#sha256=" + b"0" * 64 + b"'>p-1.tar.gz</a>"
    index.pages["/simple/p/"] = (200, "text/html", page)
    assert registry_of(tmp_path, index.url).releases("p")[0].files[0].sha256 == "0" * 64


def test_several_indexes_are_merged_and_the_first_wins(index: Index, tmp_path: Path) -> None:
    """All indexes contribute; of two files with one name the earlier index's is used."""
    index.project("p", [index.offer("p-1.tar.gz")])
    other: list[dict[str, Any]] = [
        {"filename": name, "url": f"/other/{name}", "hashes": {}} for name in ("p-1.tar.gz", "p-2.tar.gz")
    ]
    page = {"meta": {"api-version": "1.0"}, "name": "p", "files": other}
    index.pages["/simple2/p/"] = (200, JSON, json.dumps(page).encode())
    found = registry_of(tmp_path, index.url, index.url + "2").releases("p")
    assert [(each.version, "/files/" in each.files[0].url) for each in found] == [("1", True), ("2", False)]


def test_folders_of_files_are_an_index_too(tmp_path: Path) -> None:
    """Find-links folders are listed and their files are copied into the cache."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "my_pkg-1-py3-none-any.whl").write_bytes(SDIST)
    registry = registry_of(tmp_path / "cache", folders=(str(tmp_path / "wheels"),))
    path = registry.download(registry.releases("my.pkg")[0].files[0])
    assert (path.name, path.read_bytes()) == ("my_pkg-1-py3-none-any.whl", SDIST)


@pytest.mark.parametrize("name", ["nothing", "../../etc", "a b", "", "-x"])
def test_an_unknown_package_is_told(index: Index, tmp_path: Path, name: str) -> None:
    """A name that no index has, or that is none, never becomes a listing."""
    with pytest.raises(AvrError) as error:
        registry_of(tmp_path, index.url).releases(name)
    assert error.value.code == "registry.unknown-package"


def test_a_listing_is_kept_for_a_while(index: Index, tmp_path: Path) -> None:
    """Within the time the index is asked once, afterwards again."""
    index.project("p", [index.offer("p-1.tar.gz")])
    now = [1000.0]
    registry = registry_of(tmp_path, index.url, now=now)
    registry.releases("p")
    registry.releases("p")
    now[0] += LISTING_SECONDS + 1
    registry.releases("p")
    assert len(index.asked) == 2


def test_an_old_listing_serves_when_the_index_is_down(index: Index, tmp_path: Path) -> None:
    """The last good answer is used, however old, rather than none."""
    index.project("p", [index.offer("p-1.tar.gz")])
    now = [1000.0]
    registry = registry_of(tmp_path, index.url, now=now)
    before = registry.releases("p")
    index.pages["/simple/p/"] = (403, "text/plain", b"closed")
    now[0] += 10 * LISTING_SECONDS
    assert registry.releases("p") == before


@pytest.mark.parametrize("answer", [(403, "text/plain", b""), (200, "image/png", b""), (200, JSON, b"{}")])
def test_an_index_without_a_usable_answer_is_unreachable(
    index: Index, tmp_path: Path, answer: tuple[int, str, bytes]
) -> None:
    """Refusals and nonsense are told with what to check."""
    index.pages["/simple/p/"] = answer
    with pytest.raises(AvrError, match="hint: check the network") as error:
        registry_of(tmp_path, index.url).releases("p")
    assert error.value.code == "registry.unreachable"


def test_a_password_is_sent_to_its_index_and_never_shown(index: Index, tmp_path: Path) -> None:
    """The login of an index URL goes into the header; URLs of files and messages are without it."""
    index.project("p", [index.offer("p-1.tar.gz")])
    url = index.url.replace("://", "://me:sec%40ret@")
    file = registry_of(tmp_path, url).releases("p")[0].files[0]
    sent = index.asked[0][1]["Authorization"]
    with pytest.raises(AvrError) as error:
        registry_of(tmp_path, url.replace("simple", "%")).releases("none")
    shown = file.url + str(error.value) + "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert (sent, "sec" in shown) == ("Basic " + base64.b64encode(b"me:sec@ret").decode(), False)


def test_a_download_is_fetched_once_and_works_offline(index: Index, tmp_path: Path) -> None:
    """The second time the file comes from the cache, without any index."""
    index.project("p", [index.offer("p-1.tar.gz")])
    registry = registry_of(tmp_path, index.url)
    file = registry.releases("p")[0].files[0]
    first = registry.download(file)
    index.pages.clear()
    assert (first.read_bytes(), registry.download(file), len(index.asked)) == (SDIST, first, 2)


def test_a_broken_download_goes_on_where_it_stopped(index: Index, tmp_path: Path) -> None:
    """A connection that breaks off is resumed with a byte range."""
    index.project("p", [index.offer("p-1.tar.gz")])
    registry = registry_of(tmp_path, index.url)
    file = registry.releases("p")[0].files[0]
    index.cut = 1
    assert (registry.download(file).read_bytes(), index.asked[-1][1]["Range"]) == (SDIST, f"bytes={2 << 18}-")


def test_a_wrong_digest_is_refused(index: Index, tmp_path: Path) -> None:
    """A file that is not what the index announces is not kept."""
    index.project("p", [index.offer("p-1.tar.gz", sha256="0" * 64)])
    registry = registry_of(tmp_path, index.url)
    with pytest.raises(AvrError) as error:
        registry.download(registry.releases("p")[0].files[0])
    assert (error.value.code, [each for each in (tmp_path / "files").rglob("*") if each.is_file()]) == (
        "registry.digest", [],
    )  # fmt: skip


def test_a_file_damaged_in_the_cache_is_fetched_again(index: Index, tmp_path: Path) -> None:
    """The cache is not trusted either."""
    index.project("p", [index.offer("p-1.tar.gz")])
    registry = registry_of(tmp_path, index.url)
    file = registry.releases("p")[0].files[0]
    registry.download(file).write_bytes(b"other")
    assert registry.download(file).read_bytes() == SDIST


@pytest.mark.parametrize(
    ("filename", "url"), [("../evil", "http://example.invalid/x"), ("p-1.tar.gz", "file:///etc/passwd")]
)
def test_an_index_cannot_point_at_files_of_this_machine(tmp_path: Path, filename: str, url: str) -> None:
    """Neither names with folders nor addresses outside the configured ones are followed."""
    file = RegistryFile(filename=filename, kind=FileKind.SDIST, url=url, sha256=Digest("0" * 64))
    with pytest.raises(AvrError) as error:
        registry_of(tmp_path, "http://example.invalid/simple").download(file)
    assert error.value.code == "registry.digest"


@pytest.mark.index
def test_the_configured_index_has_a_known_release(tmp_path: Path) -> None:
    """The real index lists a well-known old release with its upload time."""
    found = {each.version: each for each in PyPIRegistry(tmp_path, load()).releases("Jinja2")}
    assert [file.filename for file in found["2.11.2"].files] == [
        "Jinja2-2.11.2-py2.py3-none-any.whl", "Jinja2-2.11.2.tar.gz",
    ]  # fmt: skip
