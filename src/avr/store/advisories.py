"""The advisory store: OSV records in one SQLite file, looked up by package; docs/reference/advisory-store.md.

Records are kept as their source wrote them. An import is one transaction: interrupted, it leaves nothing behind. Older
data never replaces newer.
"""

import hashlib
import sqlite3
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from avr.advisories import osv, snapshot
from avr.advisories.bucket import RawRecord
from avr.ecosystems import schemes
from avr.errors import AvrError
from avr.model.advisory import Advisory
from avr.stages.find.merge import merge

SCHEMA_VERSION = 1

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
  id TEXT PRIMARY KEY, modified TEXT NOT NULL, withdrawn INTEGER NOT NULL, source TEXT NOT NULL,
  digest BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE package (
  ecosystem TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL REFERENCES record(id),
  PRIMARY KEY (ecosystem, name, record)) WITHOUT ROWID;
CREATE INDEX package_of_record ON package (record);
CREATE TABLE name (
  id TEXT NOT NULL, record TEXT NOT NULL REFERENCES record(id), PRIMARY KEY (id, record)) WITHOUT ROWID;
CREATE INDEX name_of_record ON name (record);
CREATE TABLE import (source TEXT PRIMARY KEY, at TEXT NOT NULL, newest TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A record that was left out, and why."""

    origin: str
    why: str


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did, in records; `withdrawn` counts those among the read ones that are withdrawn."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    withdrawn: int = 0
    malformed: list[Malformed] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many records were understood."""
        return self.added + self.changed + self.unchanged + self.older


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How new the store's newest record is, and whether it holds the bundled snapshot alone."""

    newest: datetime
    bundled_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """When a source was last imported, and the newest record that it had then."""

    source: str
    imported: datetime
    newest: datetime
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """What the store holds; `ecosystems` counts records that are not withdrawn."""

    path: Path
    records: int
    withdrawn: int
    freshness: Freshness
    ecosystems: tuple[tuple[str, int], ...]
    sources: tuple[SourceStatus, ...]

    def __str__(self) -> str:
        """One line: `2651 records to 2024-10-10, bundled snapshot only`."""
        only = ", bundled snapshot only" if self.freshness.bundled_only else ""
        return f"{self.records} records to {self.freshness.newest:%Y-%m-%d}{only}"


class AdvisoryStore:
    """Advisories by package; an empty store fills itself from the bundled snapshot when it is opened."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._clock = clock
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            weakref.finalize(self, self._db.close)
            self._prepare()

    def import_records(
        self, records: Iterable[RawRecord], source: str, progress: Callable[[int], None] | None = None
    ) -> ImportReport:
        """Take records in, in one transaction; malformed ones are reported and left out.

        A record replaces one of the same id unless that is newer. `progress` is told the number read so far. Raises
        `AvrError` when the database cannot be written, or what reading `records` raises; nothing is kept then.
        """
        report, newest = ImportReport(), ""
        with self._transaction():
            for number, raw in enumerate(records, 1):
                advisory = _parsed(raw, source, report)
                if advisory is not None:
                    newest = max(newest, _stamp(advisory.modified))
                    self._take(advisory, raw.body, source, report)
                if progress is not None:
                    progress(number)
            if report.read:
                self._db.execute(
                    "INSERT OR REPLACE INTO import VALUES (?, ?, max(?, ifnull((SELECT newest FROM import"
                    " WHERE source = ?), '')))",
                    (source, _stamp(self._clock()), newest, source),
                )
        return report

    def for_package(self, ecosystem: str, name: str) -> tuple[Advisory, ...]:
        """The advisories of one package: records of one vulnerability merged, withdrawn ones dropped, sorted by id."""
        with self._translated():
            rows = self._db.execute(
                "SELECT body, source FROM record JOIN package ON record = id"
                " WHERE ecosystem = ? AND name = ? AND NOT withdrawn",
                (ecosystem, schemes.canonical(ecosystem, name)),
            ).fetchall()
            records = [osv.parse(body, source) for body, source in rows]
            return merge((*records, *self._packageless(records)))

    def freshness(self, ecosystems: Collection[str] = ()) -> Freshness:
        """How new the newest record is, and whether nothing but the bundled snapshot was imported.

        With `ecosystems` it is that of the one among them whose newest record is oldest.
        """
        with self._translated():
            rows = self._db.execute("SELECT source, newest FROM import").fetchall()
            newest = [
                self._db.execute(
                    "SELECT max(modified) FROM record JOIN package ON record = id WHERE ecosystem = ?", (each,)
                ).fetchone()[0]
                for each in ecosystems
            ]
        known = [each for each in newest if each is not None]
        return Freshness(
            newest=datetime.fromisoformat(min(known, default=max(newest for _, newest in rows))),
            bundled_only=all(source == snapshot.SOURCE for source, _ in rows),
        )

    def status(self) -> StoreStatus:
        """What the store holds, by ecosystem and by source."""
        with self._translated():
            records, withdrawn = self._db.execute("SELECT count(*), ifnull(sum(withdrawn), 0) FROM record").fetchone()
            ecosystems = self._db.execute(
                "SELECT ecosystem, count(DISTINCT record) FROM package JOIN record ON record = id WHERE NOT withdrawn"
                " GROUP BY ecosystem ORDER BY ecosystem"
            ).fetchall()
            sources = self._db.execute(
                "SELECT source, at, newest, (SELECT count(*) FROM record WHERE record.source = import.source)"
                " FROM import ORDER BY source"
            ).fetchall()
        return StoreStatus(
            path=self._path,
            records=records,
            withdrawn=withdrawn,
            freshness=self.freshness(),
            ecosystems=tuple((name or "(no package)", count) for name, count in ecosystems),
            sources=tuple(_source_status(*row) for row in sources),
        )

    def _packageless(self, records: Iterable[Advisory]) -> Iterator[Advisory]:
        """Records of the same vulnerabilities that name no package, only commits, references or scores."""
        names = sorted({name for each in records for name in each.ids})
        marks = ",".join("?" * len(names))
        rows = self._db.execute(
            "SELECT body, source FROM record WHERE NOT withdrawn AND id IN (SELECT name.record FROM name JOIN package"  # noqa: S608 - only marks are put in
            f" ON package.record = name.record WHERE package.ecosystem = '' AND name.id IN ({marks}))",
            names,
        )
        yield from (osv.parse(body, source) for body, source in rows)

    def _take(self, advisory: Advisory, body: bytes, source: str, report: ImportReport) -> None:
        report.withdrawn += advisory.withdrawn is not None
        digest, modified = hashlib.sha256(body).digest(), _stamp(advisory.modified)
        known = self._db.execute("SELECT modified, digest FROM record WHERE id = ?", (advisory.id,)).fetchone()
        if known is not None and known[0] > modified:
            report.older += 1
        elif known is not None and known[0] == modified and (known[1] == digest or source == snapshot.SOURCE):
            report.unchanged += 1
        else:
            report.added += known is None
            report.changed += known is not None
            self._write(advisory, (modified, advisory.withdrawn is not None, source, digest, body))

    def _write(self, advisory: Advisory, columns: tuple[str, bool, str, bytes, bytes]) -> None:
        named = {(part.ecosystem, schemes.canonical(part.ecosystem, part.name)) for part in advisory.affected}
        packages = named or {("", "")}
        self._db.execute("DELETE FROM package WHERE record = ?", (advisory.id,))
        self._db.execute("DELETE FROM name WHERE record = ?", (advisory.id,))
        self._db.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)", (advisory.id, *columns))
        self._db.executemany("INSERT INTO package VALUES (?, ?, ?)", [(*each, advisory.id) for each in packages])
        self._db.executemany("INSERT INTO name VALUES (?, ?)", [(each, advisory.id) for each in set(advisory.ids)])

    def _prepare(self) -> None:
        if not self._has_tables():
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                if not self._has_tables():  # another process may have been faster
                    for statement in _TABLES.split(";"):
                        self._db.execute(statement)
                    self._db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
        meta = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
        if "schema" not in meta:
            raise AvrError(
                "store.corrupt",
                f"{str(self._path)!r} is no advisory store",
                hint="move the file away, avr fills a new one",
            )
        if int(meta["schema"]) > SCHEMA_VERSION:
            raise AvrError(
                "store.newer",
                f"{str(self._path)!r} was written by a newer avr (schema {meta['schema']}, known is {SCHEMA_VERSION})",
                hint="upgrade avr, or set AVR_HOME to another folder",
            )
        edition = snapshot.edition()
        if meta.get("snapshot", "") < edition:
            self.import_records(snapshot.records(), snapshot.SOURCE)
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('snapshot', ?)", (edition,))

    def _has_tables(self) -> bool:
        return self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has already rolled it back
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors in our words."""
        try:
            yield
        except (sqlite3.Error, PermissionError, NotADirectoryError, FileExistsError) as error:
            corrupt = type(error) is sqlite3.DatabaseError
            raise AvrError(
                "store.corrupt" if corrupt else "store.unusable",
                f"cannot use the advisory store {str(self._path)!r}: {error}",
                hint="move the file away, avr fills a new one"
                if corrupt
                else "free space and check permissions, or set AVR_HOME to another folder",
            ) from error


def _parsed(raw: RawRecord, source: str, report: ImportReport) -> Advisory | None:
    if raw.error:
        report.malformed.append(Malformed(origin=raw.origin, why=raw.error))
        return None
    try:
        return osv.parse(raw.body, source)
    except AvrError as error:
        report.malformed.append(Malformed(origin=raw.origin, why=error.message))
        return None


def _source_status(source: str, at: str, newest: str, records: int) -> SourceStatus:
    return SourceStatus(
        source=source,
        imported=datetime.fromisoformat(at),
        newest=datetime.fromisoformat(newest),
        records=records,
    )


def _stamp(moment: datetime) -> str:
    """A time as text that sorts as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
