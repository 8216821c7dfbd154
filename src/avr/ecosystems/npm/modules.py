"""Which files of a package load which others, as far as the text says it: relative `require`, `import` and `export`."""

import posixpath
import re
from collections.abc import Iterable
from functools import lru_cache

from avr.ecosystems.npm import manifest
from avr.model.source import SourceTree

_SPEC = re.compile(rb"""(?:\brequire\s*\(|\bimport\s*\(|\bfrom|\bimport)\s*(?:/\*.*?\*/\s*)?["']([^"'\n]{1,300})["']""")


@lru_cache(maxsize=1 << 14)
def specs(source: bytes) -> tuple[str, ...]:
    """What a file loads, as it is written there: `./inner`, `lodash/get`, `fs`."""
    return tuple(dict.fromkeys(each.decode("utf-8", "replace") for each in _SPEC.findall(source)))


def packages(source: bytes) -> frozenset[str]:
    """The other packages that a file loads: `lodash` for `lodash/get`, `@a/b` for `@a/b/c`."""
    outside = (each for each in specs(source) if not each.startswith((".", "/", "node:", "#")))
    return frozenset("/".join(each.split("/")[: 2 if each.startswith("@") else 1]) for each in outside)


def reached(tree: SourceTree, entries: Iterable[str]) -> frozenset[str]:
    """The files that loading the `entries` loads, themselves included."""
    seen: set[str] = set()
    waiting = list(entries)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        folder = posixpath.dirname(path)
        inner = (manifest.resolve(tree, folder, each) for each in specs(tree.files[path]) if each.startswith("."))
        waiting += [each for each in inner if each is not None and each not in seen]
    return frozenset(seen)
