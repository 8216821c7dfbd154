"""The files of an output folder, read as hostile: bounded, without links, nothing outside the folder."""

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avr.errors import AvrError, ProofError
from avr.model.identifiers import Digest
from avr.stages.deliver import layout
from avr.tools import signing

FILE_LIMIT = 100_000
"""The most files that a folder may hold."""
SIZE_LIMIT = 1 << 30
"""The largest file that is read, in bytes."""
ENVELOPE_LIMIT = 64 << 20
"""The largest signed document, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A signed in-toto statement: digests by path relative to the output folder, and the predicate."""

    name: str
    subjects: Mapping[str, Digest]
    predicate_type: str
    predicate: Mapping[str, Any]


class Folder:
    """An output folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes:
        """The bytes of a file.

        Raises `ProofError` `verify.path`, `verify.link`, `verify.size` or `verify.missing-file`, naming it.
        """
        if not layout.is_inside(path):
            raise _refused("verify.path", path, "leads out of the folder")
        place = self.root / path
        try:
            folders = [each for each in place.parents if each.is_relative_to(self.root) and each != self.root]
            if any(each.is_symlink() for each in (place, *folders)):
                raise _refused("verify.link", path, "is reached through a link")
            mode = place.lstat()
            if not stat.S_ISREG(mode.st_mode):
                raise _refused("verify.special", path, "is no regular file")
            if mode.st_size > limit:
                raise _refused("verify.size", path, f"holds {mode.st_size} bytes, more than {limit}")
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise _refused("verify.missing-file", path, "is missing") from None
        except OSError as error:
            hint = "check its permissions"
            raise AvrError("verify.unreadable", f"cannot read {path!r}: {error.strerror}", hint=hint) from error

    def paths(self) -> Iterator[str]:
        """All files, sorted; raises `ProofError` `verify.link`, `verify.special` or `verify.files`."""
        for count, place in enumerate(self._walk(self.root)):
            if count >= FILE_LIMIT:
                raise _refused("verify.files", str(self.root), f"holds more than {FILE_LIMIT} files")
            yield place.relative_to(self.root).as_posix()

    def statement(self, path: str, public_key: bytes, predicate_type: str) -> Statement:
        """The statement in the envelope at `path`, its signature checked.

        Raises `ProofError` `signature.*`, `verify.statement` or `verify.path`.
        """
        return read_statement(self.read(path, ENVELOPE_LIMIT), public_key, predicate_type, path)

    def differing(self, statement: Statement) -> Iterator[str]:
        """Sentences about files that are not what the statement says, each naming its file."""
        for path, wanted in statement.subjects.items():
            try:
                found = hashlib.sha256(self.read(path)).hexdigest()
            except ProofError as error:
                yield error.message
                continue
            if found != wanted:
                yield f"{path!r} was changed: its SHA-256 is {found}, {statement.name} says {wanted}"

    def _walk(self, folder: Path) -> Iterator[Path]:
        for place in sorted(folder.iterdir()):
            mode = place.lstat().st_mode
            name = place.relative_to(self.root).as_posix()
            if stat.S_ISLNK(mode):
                raise _refused("verify.link", name, "is a link; a release holds none")
            if stat.S_ISDIR(mode):
                yield from self._walk(place)
            elif stat.S_ISREG(mode):
                yield place
            else:
                raise _refused("verify.special", name, "is no regular file")


def read_statement(envelope: bytes, public_key: bytes, predicate_type: str, path: str) -> Statement:
    """The statement in an envelope, its signature checked; `path` names it in messages.

    Raises `ProofError` `signature.*`, `verify.statement` or `verify.path`.
    """
    payload = signing.verify(envelope, public_key, path)
    try:
        body = json.loads(payload)
        subjects = {str(each["name"]): Digest(str(each["digest"]["sha256"])) for each in body["subject"]}
        found, predicate = str(body["predicateType"]), body["predicate"]
        count = len(body["subject"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused("verify.statement", path, "holds no in-toto statement") from error
    if found != predicate_type or not isinstance(predicate, dict) or count != len(subjects):
        raise _refused("verify.statement", path, f"holds no statement of the type {predicate_type!r}")
    for name in subjects:
        if not layout.is_inside(name):
            raise _refused("verify.path", path, f"names {name!r}, which leads out of the folder")
    return Statement(name=path, subjects=subjects, predicate_type=found, predicate=predicate)


def _refused(code: str, path: str, what: str) -> ProofError:
    return ProofError(code, f"{path!r} {what}", hint="do not use this folder; fetch it again from where it came")
