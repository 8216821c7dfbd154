"""Files of the user's that were replaced, kept so that `avr undo` can put them back byte for byte."""

import os
import stat
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from avr.errors import AvrError, UsageError
from avr.model.identifiers import Digest
from avr.tools import documents
from avr.tools.blobs import BlobStore, digest_of, disk_errors

SCHEMA = "avr.replacement/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One replaced file: its real path, the digests before and after, and the run that replaced it."""

    run: str
    at: datetime
    path: str
    before: Digest
    after: Digest


class Ledger:
    """A folder of entries, oldest first by name, with the bytes they speak of."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = BlobStore(folder / "blobs")

    def replace(self, contents: Mapping[Path, bytes]) -> tuple[Path, ...]:
        """Replace files, each atomically and with its mode kept, links followed; the old bytes are kept first.

        Files that hold the new bytes already are left alone. Gives the real paths that were replaced. Raises
        `AvrError` `store.disk-full`, `store.not-writable` or `ledger.unreadable`; what was not yet replaced then stays.
        """
        run = uuid.uuid4().hex
        old = {path.resolve(): (_read(path.resolve()), data) for path, data in contents.items()}
        changed = {path: pair for path, pair in old.items() if pair[0] != pair[1]}
        for path, (before, after) in changed.items():
            self._record(path, before, after, run)
            swap(path, after)
        return tuple(changed)

    def undo(self, path: Path | None, *, force: bool = False) -> tuple[Path, ...]:
        """Restore one file to what it was before its last replacement, or all files of the last run.

        Raises `UsageError` `undo.nothing`, or `undo.changed` where a file was edited since and `force` is not set;
        nothing is restored then.
        """
        chosen = self._chosen(path.resolve() if path else None)
        restored = {Path(entry.path): self._blobs.get(entry.before) for _, entry in chosen}
        if not force:
            for _, entry in chosen:
                self._check(entry)
        for place, entry in chosen:
            swap(Path(entry.path), restored[Path(entry.path)])
            place.unlink()
        return tuple(restored)

    def _chosen(self, path: Path | None) -> list[tuple[Path, Entry]]:
        entries = list(self._entries())
        if path is not None:
            found = [each for each in entries if each[1].path == str(path)][-1:]
        else:
            found = [each for each in entries if each[1].run == entries[-1][1].run]
        if not found:
            what = f"{str(path)!r} was not rewritten from here" if path else "nothing was rewritten from here"
            raise UsageError("undo.nothing", what, hint="check the path; AVR_HOME must be that of `avr fix`")
        return found

    def _check(self, entry: Entry) -> None:
        path = Path(entry.path)
        current = digest_of(_read(path)) if path.exists() else None
        if current == entry.after or current == entry.before:
            return
        what = "was changed since" if current else "was removed since"
        message = f"{entry.path!r} {what} `avr fix` rewrote it at {entry.at:%Y-%m-%d %H:%M}"
        raise UsageError("undo.changed", message, hint="`avr undo --force` restores it and drops the edits")

    def _record(self, path: Path, before: bytes, after: bytes, run: str) -> None:
        at = datetime.now(UTC)
        entry = Entry(run=run, at=at, path=str(path), before=self._blobs.put(before), after=digest_of(after))
        documents.write(self._folder / f"{at:%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}.json", SCHEMA, entry)

    def _entries(self) -> Iterator[tuple[Path, Entry]]:
        for place in sorted(self._folder.glob("*.json")):
            yield place, documents.read(place, SCHEMA, Entry)


def swap(path: Path, data: bytes) -> None:
    """Replace a regular file at once: the new bytes are on disk before the name points at them; its mode is kept.

    Raises `AvrError` `store.disk-full` or `store.not-writable`.
    """
    with disk_errors(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".avr-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _take_over(path, temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _take_over(path: Path, temporary: Path) -> None:
    """Give the new file the mode and, where we may, the owner of the old one."""
    if not path.exists():
        temporary.chmod(0o644)
        return
    old = path.stat()
    with suppress(PermissionError):
        os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise AvrError("ledger.unreadable", f"{str(path)!r} is no regular file", hint="nothing was rewritten")
        return path.read_bytes()
    except OSError as error:
        hint = "nothing was rewritten; check its permissions"
        raise AvrError("ledger.unreadable", f"cannot read {str(path)!r}: {error.strerror}", hint=hint) from error
