"""What a package says of itself in `package.json`, https://docs.npmjs.com/cli/configuring-npm/package-json.

Whoever wrote it is not trusted: what has another form than it should is left out.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from avr.model.source import SourceTree

_ENTRIES = ("main", "module", "browser", "unpkg", "jsdelivr", "jsnext:main", "es2015", "esnext")
_SUFFIXES = ("", ".js", ".cjs", ".mjs", ".json", "/index.js", "/index.cjs", "/index.mjs")
_DEPTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A package's own words; `entries` are the files that it offers to load, by path in its tree, as far as they exist.

    `dependencies` are those of its users as well (optional and peer ones included), `development` its own.
    """

    name: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)
    development: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    content: Mapping[str, Any] = field(default_factory=dict)


def read(tree: SourceTree) -> Manifest:
    """The manifest of a tree; an empty one where there is none that can be read."""
    try:
        content = json.loads(tree.get("package.json") or b"{}")
    except (ValueError, RecursionError):
        content = {}
    if not isinstance(content, dict):
        content = {}
    tables = [_texts(content.get(key)) for key in ("peerDependencies", "optionalDependencies", "dependencies")]
    found = (resolve(tree, "", each) for each in _named(content))
    return Manifest(
        name=str(content.get("name") or ""),
        scripts=_texts(content.get("scripts")),
        dependencies={name: spec for table in tables for name, spec in table.items()},
        development=_texts(content.get("devDependencies")),
        entries=tuple(dict.fromkeys(each for each in found if each)),
        content=content,
    )


def resolve(tree: SourceTree, folder: str, spec: str) -> str | None:
    """The file that `spec`, relative to `folder`, names by node's rules; None where the tree has none."""
    path = posixpath.normpath(posixpath.join(folder, spec)).lstrip("/")
    path = "" if path == "." else path
    if path.startswith(".."):
        return None
    for suffix in _SUFFIXES:
        if (found := f"{path}{suffix}".lstrip("/")) in tree:
            return found
    inner = f"{path}/package.json".lstrip("/")
    if path and inner in tree:
        main = _main(tree.files[inner])
        return resolve(tree, path, main) if main not in ("", ".", "./") else None
    return None


def _main(data: bytes) -> str:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    main = content.get("main") if isinstance(content, dict) else None
    return main if isinstance(main, str) else ""


def _named(content: Mapping[str, Any]) -> Iterator[str]:
    yield from (each for key in _ENTRIES for each in _leaves(content.get(key), 0))
    if "main" not in content:
        yield "index"
    yield from (each for key in ("exports", "bin") for each in _leaves(content.get(key), 0))


def _leaves(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str) and "*" not in value:
        yield value
    elif isinstance(value, dict | list) and depth < _DEPTH:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each, depth + 1)


def _texts(value: object) -> dict[str, str]:
    table = value if isinstance(value, dict) else {}
    return {name: text for name, text in table.items() if isinstance(name, str) and isinstance(text, str)}
