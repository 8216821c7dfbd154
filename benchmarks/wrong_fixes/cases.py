"""The packages with a hole, upstream's right fix of each, and the wrong ones: folders of small files, read as data.

A folder of `cases/` holds `case.toml` (package, advisory, title), `pin/` (module and suite of the vulnerable release),
`fixed/` (the same files after upstream's fix, with its tests), `exploit.py` by the contract of `avr.proofs`,
`right.toml` (edits that put the right fix in other words) and `wrong.toml` (the wrong fixes: name, kind, what is wrong,
and edits of the right fix). An edit replaces a text that stands once in its file.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from avr.errors import AvrError
from avr.model.exploit import Exploit
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.proofs import library

FOLDER = Path(__file__).parent / "cases"
KINDS = (
    "hunk dropped",
    "condition inverted",
    "check moved after use",
    "one of two sites",
    "test weakened",
    "exploit string special-cased",
    "exception swallowed",
    "feature removed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One planted patch: the tree that it makes of the pin, its kind, and what is wrong with it."""

    name: str
    kind: str
    why: str
    tree: SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One package of ours: the vulnerable release, the tree after upstream's fix, an exploit and the wrong fixes."""

    name: str
    package: str
    title: str
    pin: SourceTree
    fixed: SourceTree
    exploit: Exploit
    other: SourceTree
    """The right fix in other words than upstream's."""
    wrong: tuple[Wrong, ...]

    @property
    def fix(self) -> Fix:
        """Upstream's change of code and tests."""
        return Fix(
            advisory=AdvisoryId(self.exploit.vulnerability),
            route=FixRoute.COMMIT,
            files=tuple(self._change(path) for path in self.pin.differing(self.fixed)),
            confidence=1.0,
            reasons=(),
            subject=self.title,
        )

    def _change(self, path: str) -> FileChange:
        before, after = self.pin.get(path), self.fixed.get(path)
        return FileChange(
            path_before=path if before is not None else None,
            path_after=path if after is not None else None,
            before=before,
            after=after,
            kind=ChangeKind.TEST if path.startswith("tests/") else ChangeKind.CODE,
        )


def cases(names: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """All cases, or those of the given names; raises `AvrError` `case.*` where one is malformed."""
    found = tuple(_case(folder) for folder in sorted(FOLDER.iterdir()) if not names or folder.name in names)
    if names and len(found) != len(set(names)):
        raise AvrError("case.unknown", f"not all of {names!r} are cases", hint=f"see {FOLDER}")
    return found


def _case(folder: Path) -> Case:
    facts = tomllib.loads((folder / "case.toml").read_text())
    package = str(facts["package"])
    pin = _tree(folder / "pin").replacing(_packaging(package))
    fixed = pin.replacing(dict(_tree(folder / "fixed").files))
    program = (folder / "exploit.py").read_bytes()
    return Case(
        name=folder.name,
        package=package,
        title=str(facts["title"]),
        pin=pin,
        fixed=fixed,
        exploit=library.parse(f"{str(facts['advisory']).lower()}_{package}.py", program),
        other=_other(folder, fixed),
        wrong=tuple(_wrong(folder, pin, fixed)),
    )


def _packaging(package: str) -> dict[str, bytes]:
    setup = f"setup(name={package!r}, version='1.0', py_modules=[{package!r}])"
    files = {
        "setup.py": f"from setuptools import setup\n\n{setup}\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n",
        "LICENSE": "Apache-2.0\n",
    }
    return {path: text.encode() for path, text in files.items()}


def _tree(folder: Path) -> SourceTree:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return SourceTree(files={path.relative_to(folder).as_posix(): path.read_bytes() for path in found})


def _other(folder: Path, fixed: SourceTree) -> SourceTree:
    for edit in tomllib.loads((folder / "right.toml").read_text())["edits"]:
        fixed = _edited(f"{folder.name}/right.toml", fixed, edit)
    return fixed


def _wrong(folder: Path, pin: SourceTree, fixed: SourceTree) -> Iterator[Wrong]:
    """Each is told as edits of the right fix, or of the pin where it goes its own way."""
    told = tomllib.loads((folder / "wrong.toml").read_text())["wrong"]
    for each in told:
        name, kind = f"{folder.name}/{each['name']}", str(each["kind"])
        if kind not in KINDS:
            raise AvrError("case.kind", f"{name} is of the unknown kind {kind!r}", hint=f"one of {', '.join(KINDS)}")
        tree = pin if each.get("base") == "pin" else fixed
        for edit in each["edits"]:
            tree = _edited(name, tree, edit)
        yield Wrong(name=name, kind=kind, why=str(each["why"]), tree=tree)


def _edited(name: str, tree: SourceTree, edit: dict[str, str]) -> SourceTree:
    path = edit["file"]
    text = tree.files[path].decode()
    if text.count(edit["old"]) != 1:
        message = f"{name}: the text to be replaced is {text.count(edit['old'])} times in {path}: {edit['old']!r}"
        raise AvrError("case.edit", message, hint="quote a text that is there once")
    return tree.replacing({path: text.replace(edit["old"], edit["new"]).encode()})
