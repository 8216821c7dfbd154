"""A loopback OSV query server over a folder of records, with the schema's evaluation rule written down word for word.

It shares no matching code with avr, so that the comparison of findings is one of two implementations.
"""

import json
import re
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

Record = dict[str, Any]
LOWEST = Version("0.dev0")


def load(folder: Path) -> dict[str, list[Record]]:
    """The PyPI records of every all.zip below a folder that are not withdrawn, by normalised package name."""
    by_name: dict[str, list[Record]] = defaultdict(list)
    for path in sorted(folder.rglob("all.zip")):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                record = json.loads(archive.read(entry))
                names = {part["package"]["name"] for part in record.get("affected", []) if _is_pypi(part)}
                for name in names if "withdrawn" not in record else ():
                    by_name[normal(name)].append(record)
    return by_name


def normal(name: str) -> str:
    """A package name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def answer(records: dict[str, list[Record]], query: Record) -> Record:
    """What the OSV API answers to one query."""
    name = normal(query["package"]["name"])
    found = [each for each in records.get(name, []) if _is_vulnerable(each, name, query["version"])]
    return {"vulns": found} if found else {}


@contextmanager
def serving(records: dict[str, list[Record]]) -> Iterator[str]:
    """The query URL of a server that lives as long as the context."""

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else every answer waits for a delayed acknowledgement
        wbufsize = -1

        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(answer(records, query)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    Handler.protocol_version = "HTTP/1.1"
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


def _is_pypi(part: Record) -> bool:
    return bool(part.get("package", {}).get("ecosystem") == "PyPI")


def _is_vulnerable(record: Record, name: str, version: str) -> bool:
    return any(
        version in part.get("versions", []) or any(_in_range(version, each) for each in part.get("ranges", []))
        for part in record["affected"]
        if _is_pypi(part) and normal(part["package"]["name"]) == name
    )


def _in_range(version: str, affected: Record) -> bool:
    if affected["type"] == "GIT":
        return False
    exact, vulnerable = _parse(version), False
    events = [(kind, bound) for event in affected["events"] for kind, bound in event.items()]
    for kind, bound in sorted(events, key=lambda each: _parse(each[1])):
        if kind == "introduced" and exact >= _parse(bound):
            vulnerable = True
        if kind == "fixed" and exact >= _parse(bound):
            vulnerable = False
        if kind == "last_affected" and exact > _parse(bound):
            vulnerable = False
    return vulnerable


@cache
def _parse(text: str) -> Version:
    try:
        return LOWEST if text == "0" else Version(text)
    except InvalidVersion:
        return LOWEST
