"""The bundled snapshot: readable, dated, facts only, small."""

from importlib.resources import files

from avr.advisories import snapshot
from avr.advisories.osv import parse


def test_every_record_parses_and_none_is_newer_than_the_date() -> None:
    """The date in the header is that of the newest record; no record carries prose or is withdrawn."""
    advisories = [parse(each.body, snapshot.SOURCE) for each in snapshot.records()]
    assert max(each.modified for each in advisories) == snapshot.taken()
    assert not [each.id for each in advisories if each.summary or each.details or each.withdrawn]


def test_it_is_small() -> None:
    """It travels in every wheel."""
    data = files("avr.advisories") / "data" / "pypi.jsonl.xz"
    assert len(data.read_bytes()) < 1 << 20
