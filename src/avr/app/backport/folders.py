"""Reads what `avr backport` works on from three folders: before the fix, after it, and the pin."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from avr.app.backport.remarks import noticed, without_unportable
from avr.app.backport.request import Options, Remark, Request
from avr.errors import UsageError
from avr.model.fix import FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import LazyFiles, SourceTree
from avr.stages.plan.changeset import MAX_FILES
from avr.stages.plan.kinds import classify

_MAX_FILE = 32 << 20
_SKIPPED = frozenset({".git", ".hg", ".svn"})


def from_folders(before: Path, after: Path, pin: Path, options: Options) -> Request:
    """The difference of two folders as a fix for a third; links and special files are passed over.

    Raises `UsageError` `backport.folder`, `backport.empty-fix` or `backport.too-big`.
    """
    old, new, pinned = (_Folder(each) for each in (before, after, pin))
    paths = sorted(path for path in old.paths | new.paths if old.content(path) != new.content(path))
    if not paths:
        message = f"{str(before)!r} and {str(after)!r} hold the same files"
        raise UsageError("backport.empty-fix", message, hint="name the source before and after the fix")
    if len(paths) > MAX_FILES:
        message = f"{len(paths)} files differ: that is a new release, not a fix"
        raise UsageError("backport.too-big", message, hint="leave only the fix between --before and --after")
    changes = tuple(_change(old, new, path) for path in paths)
    whole = Fix(
        advisory=AdvisoryId("fix"),
        route=FixRoute.RELEASE_DIFF,
        files=changes,
        confidence=1.0,
        reasons=(),
        subject=f"{before.name} to {after.name}",
    )
    tree = pinned.tree()
    fix, unportable = without_unportable(whole, tree)
    return Request(
        pin=tree,
        onto=str(pin),
        fixes=(fix,),
        upstream=old.tree(),
        remarks=(*old.links_that_differ(new), *unportable, *noticed(fix, options)),
    )


class _Folder:
    """Regular files below a folder, read when asked for."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            hint = "give three folders: --before, --after and --pin"
            raise UsageError("backport.folder", f"{str(root)!r} is no folder", hint=hint)
        self.root = root
        self.links: dict[str, str] = {}
        self.executable: set[str] = set()
        self.paths = frozenset(self._walked())

    def content(self, path: str) -> bytes | None:
        return self.read(path) if path in self.paths else None

    def read(self, path: str) -> bytes:
        file = self.root / path
        try:
            if file.stat().st_size > _MAX_FILE:
                hint = "leave it out of the folders"
                raise UsageError("backport.too-big", f"{str(file)!r} is larger than {_MAX_FILE} bytes", hint=hint)
            return file.read_bytes()
        except OSError as error:
            message = f"cannot read {str(file)!r}: {error.strerror}"
            raise UsageError("backport.folder", message, hint="make it readable") from error

    def tree(self) -> SourceTree:
        return SourceTree(files=LazyFiles(paths=self.paths, read=self.read), executable=frozenset(self.executable))

    def links_that_differ(self, other: "_Folder") -> Iterator[Remark]:
        changed = sorted(
            path for path in self.links.keys() | other.links.keys() if self.links.get(path) != other.links.get(path)
        )
        if changed:
            message = "the fix changes symbolic links: they are not carried over"
            yield Remark(code="backport.symlink", message=message, paths=tuple(changed), blocking=True)

    def _walked(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root, followlinks=False):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            for name in (*names, *folders):
                full = Path(folder) / name
                path = full.relative_to(self.root).as_posix()
                mode = full.lstat().st_mode
                if stat.S_ISLNK(mode):
                    self.links[path] = str(full.readlink())
                elif stat.S_ISREG(mode):
                    self.executable |= {path} if mode & stat.S_IXUSR else set()
                    yield path


def _change(old: _Folder, new: _Folder, path: str) -> FileChange:
    before, after = old.content(path), new.content(path)
    return FileChange(
        path_before=path if before is not None else None,
        path_after=path if after is not None else None,
        before=before,
        after=after,
        kind=classify(path),
    )
