"""The engine with what an ecosystem adds: copies are changed alike and told, made files are not carried."""

from collections.abc import Collection

from avr.app.carrying import carrying
from avr.ecosystems.npm import copies
from avr.model.backport import HunkStatus, Origin
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import TinyEcosystem

OLD = "function read(path) {\n  var text = load(path);\n  return text.trim();\n}\n"
NEW = OLD.replace("  return", "  if (!text) return '';\n  return")
PINNED = build.tree({"package.json": '{"name": "thing"}', "index.js": OLD, "dist/copy.js": OLD, "index.min.js": "r"})


class _Shipping(TinyEcosystem):
    """Ships code several times, as packages of npm do."""

    def complete(self, _before: SourceTree, after: SourceTree) -> SourceTree:
        """As npm."""
        return copies.complete(_before, after)

    def is_made(self, _path: str, _changed: Collection[str], _pinned: SourceTree) -> bool:
        """As npm."""
        return copies.is_made(_path, _changed, _pinned)


def test_copies_are_told_as_hunks_of_the_fix() -> None:
    """Each with its own place; the fix is whole although nobody could carry the minified lines."""
    fix = build.fix(build.change("index.js", OLD, NEW), build.change("index.min.js", "other", "lines"))
    ecosystem = _Shipping.__new__(_Shipping)
    made = carrying(ecosystem, None)(PINNED, [(build.CVE, fix)], PINNED)
    assert made.changed_paths == ("dist/copy.js", "index.js", "index.min.js")
    assert made.patched.files["index.min.js"] == made.patched.files["index.js"] == NEW.encode()
    (ported,) = made.ported
    assert ported.complete
    assert {hunk.path: (hunk.status, hunk.origin) for hunk in ported.hunks} == {
        "index.js": (HunkStatus.PLACED, Origin.VERBATIM_UPSTREAM),
        "dist/copy.js": (HunkStatus.PLACED, Origin.CONTEXT_ADAPTED),
        "index.min.js": (HunkStatus.PLACED, Origin.CONTEXT_ADAPTED),
    }
