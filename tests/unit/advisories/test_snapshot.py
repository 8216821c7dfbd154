"""The bundled snapshot: readable, dated, facts only, small."""

from importlib.resources import files

from avr.advisories import snapshot
from avr.advisories.osv import parse
from avr.model.identifiers import EcosystemName


def test_every_record_parses_and_none_is_newer_than_the_date() -> None:
    """The date in the header is that of the newest record; no record carries prose or is withdrawn."""
    advisories = [parse(each.body, snapshot.SOURCE) for each in snapshot.records()]
    assert max(each.modified for each in advisories) == snapshot.taken()
    assert not [each.id for each in advisories if each.summary or each.details or each.withdrawn]


def test_it_is_small() -> None:
    """It travels in every wheel."""
    folder = files("avr.advisories") / "data"
    assert sum(len(each.read_bytes()) for each in folder.iterdir()) < 1 << 20


def test_it_speaks_of_every_ecosystem() -> None:
    """The first run finds something in either."""
    advisories = [parse(each.body, snapshot.SOURCE) for each in snapshot.records()]
    assert {part.ecosystem for each in advisories for part in each.affected} == set(EcosystemName)
