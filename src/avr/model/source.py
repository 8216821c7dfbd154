"""Source trees as values: what the backport engine works on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LazyFiles(Mapping[str, bytes]):
    """Files whose paths are known and whose contents are read when somebody asks; changes are laid over them.

    `read` gives the content at a path and must give the same every time: the mapping is a value like any other. Big
    trees are never held in memory; keeping what was read is up to `read`. In `changes` None removes a file.
    """

    paths: frozenset[str]
    read: Callable[[str], bytes]
    changes: Mapping[str, bytes | None] = field(default_factory=dict)

    def __getitem__(self, path: str) -> bytes:
        if path not in self:
            raise KeyError(path)
        changed = self.changes.get(path)
        return changed if changed is not None else self.read(path)

    def __contains__(self, path: object) -> bool:
        if path in self.changes:
            return self.changes[str(path)] is not None
        return path in self.paths

    def __iter__(self) -> Iterator[str]:
        yield from (path for path in self.paths if path not in self.changes)
        yield from (path for path, data in self.changes.items() if data is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def replacing(self, changes: Mapping[str, bytes | None]) -> "LazyFiles":
        """The same files with further changes; None removes a file. Nothing is read."""
        return LazyFiles(paths=self.paths, read=self.read, changes={**self.changes, **changes})

    def candidates(self, other: "LazyFiles") -> frozenset[str] | None:
        """The only paths at which two mappings over the same files can differ; None where they have other files."""
        if self.paths is not other.paths or self.read is not other.read:
            return None
        return frozenset(self.changes) | frozenset(other.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """Regular files by POSIX path relative to the root; contents are bytes.

    `executable` names the files that carry the execute bit. Links and special files are never part of a tree.
    """

    files: Mapping[str, bytes]
    executable: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Make the mapping read-only."""
        if not isinstance(self.files, LazyFiles):
            object.__setattr__(self, "files", MappingProxyType(dict(self.files)))

    def __contains__(self, path: str) -> bool:
        """Whether the tree has a file at `path`."""
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        """Paths in sorted order."""
        return iter(sorted(self.files))

    def get(self, path: str) -> bytes | None:
        """The content at `path`, or None where the tree has no such file."""
        return self.files.get(path)

    def replacing(self, changes: Mapping[str, bytes | None]) -> "SourceTree":
        """A new tree with the given contents; None removes the file."""
        gone = {path for path, data in changes.items() if data is None}
        if isinstance(self.files, LazyFiles):
            return SourceTree(files=self.files.replacing(changes), executable=self.executable - gone)
        merged = {**self.files, **{path: data for path, data in changes.items() if data is not None}}
        for path in gone:
            merged.pop(path, None)
        return SourceTree(files=merged, executable=self.executable & merged.keys())

    def differing(self, other: "SourceTree") -> tuple[str, ...]:
        """The paths at which two trees have different contents, sorted; trees of one origin are not read whole."""
        one, two = self.files, other.files
        few = one.candidates(two) if isinstance(one, LazyFiles) and isinstance(two, LazyFiles) else None
        paths = one.keys() | two.keys() if few is None else few
        return tuple(sorted(path for path in paths if one.get(path) != two.get(path)))
