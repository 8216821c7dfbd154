"""Records of one vulnerability become one advisory, whatever their order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from avr.model.advisory import Advisory, AffectedPackage, Reference, ReferenceType
from avr.model.identifiers import AdvisoryId
from avr.stages.find.merge import merge

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def record(name: str, *aliases: str, withdrawn: bool = False, days: int = 0) -> Advisory:
    """A record with a package, a reference and a source of its own."""
    return Advisory(
        id=AdvisoryId(name),
        aliases=tuple(map(AdvisoryId, aliases)),
        modified=NOW + timedelta(days=days),
        withdrawn=NOW if withdrawn else None,
        summary=f"about {name}",
        affected=(AffectedPackage(ecosystem="PyPI", name="sample", versions=(name,)),),
        references=(Reference(type=ReferenceType.WEB, url=f"https://example.invalid/{name}"),),
        sources=(name.partition("-")[0],),
    )


def test_records_that_share_an_id_are_one_advisory() -> None:
    """Also when they share it only through a third record; the newest one's words win."""
    (advisory,) = merge([record("GHSA-1", "CVE-1"), record("PYSEC-1", "CVE-2"), record("CVE-1", "CVE-2", days=1)])
    assert advisory.ids == ("PYSEC-1", "CVE-1", "CVE-2", "GHSA-1")
    assert (advisory.summary, advisory.sources) == ("about CVE-1", ("CVE", "GHSA", "PYSEC"))
    assert (len(advisory.affected), len(advisory.references)) == (3, 3)


def test_strangers_stay_apart() -> None:
    """No shared id, no merge."""
    assert [each.id for each in merge([record("B-1"), record("A-1", "CVE-1")])] == ["A-1", "B-1"]


def test_a_withdrawn_record_says_nothing() -> None:
    """It is dropped, and joins no others."""
    records = [record("A-1", "CVE-1"), record("B-1", "CVE-2"), record("C-1", "CVE-1", "CVE-2", withdrawn=True)]
    assert [each.id for each in merge(records)] == ["A-1", "B-1"]


NAMES = st.sampled_from([f"{kind}-{number}" for kind in ("CVE", "GHSA", "PYSEC") for number in range(4)])
RECORDS = st.lists(
    st.builds(lambda name, aliases, days: record(name, *aliases, days=days), NAMES, st.lists(NAMES), st.integers(0, 3)),
    max_size=8,
)


@given(records=RECORDS, data=st.data())
def test_merging_is_order_free_and_loses_nothing(records: list[Advisory], data: st.DataObject) -> None:
    """Any order gives the same advisories; every id is in exactly one of them; merging again changes nothing."""
    merged = merge(records)
    assert merge(data.draw(st.permutations(records))) == merged
    assert sorted(name for each in merged for name in each.ids) == sorted(
        {name for each in records for name in each.ids}
    )
    assert merge(merged) == merged
