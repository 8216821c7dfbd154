"""Which member of a wheel each source file became: the same bytes, and the longest common end of the path.

Where two members could come from one source, or two sources could have become one member, there is no answer: a patch
must never land in the wrong copy.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from avr.model.source import SourceTree

BUILD_FILES = frozenset({"setup.py", "setup.cfg", "pyproject.toml"})
"""Files whose change can change everything that a build makes."""


@dataclass(slots=True)
class MemberChanges:
    """What a patch means for a wheel: members replaced and added, members removed, source files it does not hold.

    `obstacles` say why the patch cannot be carried over member by member; none may be left before a wheel is made.
    """

    written: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    not_shipped: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Every member that changes, sorted."""
        return sorted({*self.written, *self.added, *self.removed})


def member_changes(before: SourceTree, after: SourceTree, wheel: SourceTree) -> MemberChanges:
    """Carry the difference of two source trees over to the members of a wheel built from the first."""
    changes = MemberChanges()
    origins = Origins(before, wheel)
    for path in sorted(before.files.keys() | after.files.keys()):
        if before.get(path) == after.get(path):
            continue
        if path in BUILD_FILES:
            changes.obstacles.append(f"{path} is part of the build itself")
        elif path in before:
            _changed(changes, origins, path, after.get(path))
        else:
            _added(changes, origins, path, after.files[path])
    return changes


class Origins:
    """An index of which wheel members and source files hold the same bytes."""

    def __init__(self, sources: SourceTree, wheel: SourceTree) -> None:
        self.sources = sources
        self.wheel = wheel
        self._members = _Ends(wheel.files)
        self._paths = _Ends(sources.files)

    def member(self, source: str) -> str | None:
        """The one member that the source file became; None where there is none or the answer is not unique."""
        data = self.sources.files[source]
        best = self._members.closest(source, data)
        if len(best) != 1:
            return None
        return best[0] if self._paths.closest(best[0], data) == [source] else None

    def namesake(self, source: str) -> str | None:
        """A member that has the path of the source file, or holds its bytes under its name, whatever the origin."""
        same = self._members.closest(source, self.sources.files[source])
        script = f".data/scripts/{posixpath.basename(source)}"
        named = [each for each in self.wheel.files if f"/{source}".endswith(f"/{each}") or each.endswith(script)]
        return next(iter((*named, *(each for each in same if self.sources.files[source]))), None)

    def home(self, path: str) -> str | None:
        """Where a new file at `path` goes: beside the files of its nearest folder that the wheel has; else None."""
        folder = posixpath.dirname(path)
        while True:
            inside = [each for each in self.sources if posixpath.dirname(each) == folder]
            for source in inside:
                member = self.member(source)
                if member and (source == member or source.endswith("/" + member)):
                    return path[len(source) - len(member) :]
            if not folder or any(each.endswith(".py") for each in inside):
                return None
            folder = posixpath.dirname(folder)


def _changed(changes: MemberChanges, origins: Origins, path: str, data: bytes | None) -> None:
    member = origins.member(path)
    if member is None:
        namesake = origins.namesake(path)
        if namesake is None:
            changes.not_shipped.append(path)
        else:
            changes.obstacles.append(f"{path} and the wheel's {namesake} are not clearly the same file")
    elif data is None:
        changes.removed.add(member)
    else:
        changes.written[member] = data


def _added(changes: MemberChanges, origins: Origins, path: str, data: bytes) -> None:
    member = origins.home(path)
    ends = {posixpath.splitext(each)[1] for each in origins.wheel.files}
    if member is None or posixpath.splitext(path)[1] not in ends:
        changes.not_shipped.append(path)
    elif member in origins.wheel:
        changes.obstacles.append(f"{path} is new, but the wheel has a file {member}")
    else:
        changes.added[member] = data


class _Ends:
    """Files by their bytes and every end of their path: `a/b/c.py` is found by `c.py`, `b/c.py` and `a/b/c.py`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._found: dict[tuple[str, bytes], list[str]] = {}
        for path, data in files.items():
            for end in _ends(path):
                self._found.setdefault((end, data), []).append(path)

    def closest(self, path: str, data: bytes) -> list[str]:
        """The files with the same bytes that share the most trailing parts with `path`, at least the name."""
        return next((self._found[end, data] for end in _ends(path) if (end, data) in self._found), [])


def _ends(path: str) -> list[str]:
    """All ends of a path at a slash, longest first."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
