"""Source trees as values: what the backport engine works on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """Regular files by POSIX path relative to the root; contents are bytes.

    `executable` names the files that carry the execute bit. Links and special files are never part of a tree.
    """

    files: Mapping[str, bytes]
    executable: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Make the mapping read-only."""
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
        merged = {**self.files, **{path: data for path, data in changes.items() if data is not None}}
        for path, data in changes.items():
            if data is None:
                merged.pop(path, None)
        return SourceTree(files=merged, executable=self.executable & merged.keys())
