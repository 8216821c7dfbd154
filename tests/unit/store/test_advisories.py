"""The advisory store: one transaction an import, never older over newer, records of one vulnerability merged."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avr.advisories import snapshot
from avr.advisories.bucket import RawRecord
from avr.errors import AvrError
from avr.store.advisories import SCHEMA_VERSION, AdvisoryStore, ImportReport

CLOCK = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> AdvisoryStore:
    """A new store with a clock that stands still."""
    return AdvisoryStore(tmp_path / "home" / "advisories.db", clock=lambda: CLOCK)


def raw(name: str, *, modified: str = "2024-01-01T00:00:00Z", **fields: object) -> RawRecord:
    """A record about the package `avr-sample`, which no real advisory names."""
    part = {"package": {"ecosystem": "PyPI", "name": "avr_sample"}, "versions": ["1.0"]}
    record = {"id": name, "modified": modified, "affected": [part], **fields}
    return RawRecord(name, json.dumps(record).encode())


def ids(store: AdvisoryStore) -> list[tuple[str, ...]]:
    """The ids of every advisory of the sample package."""
    return [each.ids for each in store.for_package("PyPI", "Avr.Sample")]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Added, changed, unchanged, older."""
    return report.added, report.changed, report.unchanged, report.older


def test_a_new_store_is_filled_from_the_bundled_snapshot(store: AdvisoryStore) -> None:
    """The first run needs no network, and says that this is all there is."""
    assert [each.name for each in store.for_package("PyPI", "Jinja2") if "GHSA-g3rq-g295-4j3m" in each.ids] == [
        "CVE-2020-28493"
    ]
    assert (store.freshness().newest, store.freshness().bundled_only) == (snapshot.taken(), True)
    assert str(store.status()).endswith("bundled snapshot only")


def test_the_snapshot_is_read_once(tmp_path: Path, store: AdvisoryStore) -> None:
    """Opening the store again writes nothing."""
    before = store.status().sources
    later = AdvisoryStore(tmp_path / "home" / "advisories.db", clock=lambda: datetime(2030, 1, 1, tzinfo=UTC))
    assert later.status().sources == before


def test_a_newer_edition_of_the_snapshot_is_taken_in(
    tmp_path: Path, store: AdvisoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later avr brings more records under the same date; an earlier one changes nothing."""
    path, edition = tmp_path / "home" / "advisories.db", snapshot.edition()
    monkeypatch.setattr(snapshot, "records", lambda: iter([raw("T-9")]))
    monkeypatch.setattr(snapshot, "edition", lambda: f"{edition}-earlier"[1:])
    assert "T-9" not in str(ids(AdvisoryStore(path)))
    monkeypatch.setattr(snapshot, "edition", lambda: f"{edition}-later")
    assert "T-9" in str(ids(AdvisoryStore(path)))
    assert str(store.status()) == str(AdvisoryStore(path).status())


def test_an_import_counts_what_it_did(store: AdvisoryStore) -> None:
    """A second import of the same changes nothing; a malformed record is named and the next one is read."""
    records = [raw("T-1"), RawRecord("bad", b"{"), RawRecord("huge", b"", "too large"), raw("T-2")]
    first = store.import_records(records, "test")
    assert (counts(first), [each.origin for each in first.malformed]) == ((2, 0, 0, 0), ["bad", "huge"])
    assert counts(store.import_records(records, "test")) == (0, 0, 2, 0)
    assert ids(store) == [("T-1",), ("T-2",)]
    assert store.freshness().bundled_only is False


def test_older_data_never_replaces_newer(store: AdvisoryStore) -> None:
    """A newer record replaces, an older one does not."""
    store.import_records([raw("T-1", modified="2024-02-01T00:00:00Z", aliases=["CVE-1"])], "test")
    assert counts(store.import_records([raw("T-1", modified="2024-01-31T23:00:00Z")], "old")) == (0, 0, 0, 1)
    assert ids(store) == [("T-1", "CVE-1")]
    newer = raw("T-1", modified="2024-02-01T00:00:00.5Z", aliases=["CVE-2"])
    assert counts(store.import_records([newer], "new")) == (0, 1, 0, 0)
    assert ids(store) == [("T-1", "CVE-2")]


def test_the_snapshot_does_not_replace_a_full_record_of_the_same_date(store: AdvisoryStore) -> None:
    """Facts alone are poorer than the record that they were taken from."""
    store.import_records([raw("T-1", summary="words")], "feed")
    assert counts(store.import_records([raw("T-1")], snapshot.SOURCE)) == (0, 0, 1, 0)


def test_aliases_are_merged_and_withdrawn_records_dropped(store: AdvisoryStore) -> None:
    """PYSEC, GHSA and CVE of one vulnerability are one advisory; a withdrawn record is counted and not shown."""
    records = [raw("GHSA-1", aliases=["CVE-1"]), raw("PYSEC-1", aliases=["CVE-1"])]
    report = store.import_records([*records, raw("PYSEC-2", withdrawn="2024-01-01T00:00:00Z")], "test")
    assert (ids(store), report.withdrawn) == ([("PYSEC-1", "CVE-1", "GHSA-1")], 1)


def test_a_withdrawal_takes_effect(store: AdvisoryStore) -> None:
    """The newer, withdrawn version of a record hides it."""
    store.import_records([raw("T-1")], "test")
    store.import_records([raw("T-1", modified="2024-03-01T00:00:00Z", withdrawn="2024-03-01T00:00:00Z")], "test")
    assert ids(store) == []


def test_a_record_without_packages_adds_to_its_namesakes(store: AdvisoryStore) -> None:
    """A CVE record that only has a score is merged into the package's advisory; one of another package is not."""
    bare = raw("CVE-1", affected=[], severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}])
    other = raw("B-1", aliases=["CVE-1"], affected=[{"package": {"ecosystem": "PyPI", "name": "avr-other"}}])
    store.import_records([raw("A-1", aliases=["CVE-1"]), bare, other], "test")
    (advisory,) = store.for_package("PyPI", "avr-sample")
    assert (advisory.ids, [each.type for each in advisory.severity]) == (("CVE-1", "A-1"), ["CVSS_V3"])


def test_names_of_other_ecosystems_are_taken_as_written(store: AdvisoryStore) -> None:
    """Only PyPI folds case and punctuation."""
    store.import_records([raw("T-1", affected=[{"package": {"ecosystem": "npm", "name": "A_b"}}])], "test")
    assert (len(store.for_package("npm", "A_b")), len(store.for_package("npm", "a-b"))) == (1, 0)


def test_an_interrupted_import_leaves_nothing(store: AdvisoryStore) -> None:
    """Ctrl-C in the middle: no record of this import is there, and the next import works."""

    def interrupted() -> Iterator[RawRecord]:
        yield raw("T-1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.import_records(interrupted(), "test")
    assert (ids(store), store.freshness().bundled_only) == ([], True)
    assert counts(store.import_records([raw("T-1")], "test")) == (1, 0, 0, 0)


def test_progress_is_told(store: AdvisoryStore) -> None:
    """The number of records read so far, after each."""
    told: list[int] = []
    store.import_records([raw("T-1"), raw("T-2")], "test", told.append)
    assert told == [1, 2]


def test_a_store_of_a_newer_avr_is_not_touched(tmp_path: Path, store: AdvisoryStore) -> None:
    """Its schema is unknown here."""
    store.status()
    with sqlite3.connect(tmp_path / "home" / "advisories.db") as database:
        database.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA_VERSION + 1),))
    database.close()
    with pytest.raises(AvrError) as raised:
        AdvisoryStore(tmp_path / "home" / "advisories.db")
    assert raised.value.code == "store.newer"


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    """Nothing is deleted on the user's behalf."""
    path = tmp_path / "advisories.db"
    path.write_bytes(content)
    with pytest.raises(AvrError, match="hint: move the file away") as raised:
        AdvisoryStore(path)
    assert (raised.value.code, path.read_bytes()) == ("store.corrupt", content)


def test_a_foreign_database_is_not_filled(tmp_path: Path) -> None:
    """A SQLite file of another program with a table of the same name."""
    path = tmp_path / "advisories.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    database.close()
    with pytest.raises(AvrError) as raised:
        AdvisoryStore(path)
    assert raised.value.code == "store.corrupt"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The home is below a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AvrError) as raised:
        AdvisoryStore(tmp_path / "file" / "advisories.db")
    assert raised.value.code == "store.unusable"
