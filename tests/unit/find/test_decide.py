"""Which advisories affect which components, and what is said about it."""

from datetime import UTC, datetime

import pytest

from avr.model.advisory import Advisory, AffectedPackage, AffectedRange, RangeEvent, RangeType, Score
from avr.model.component import Component, Inventory
from avr.model.identifiers import AdvisoryId, EcosystemName
from avr.stages.find.decide import affects, fixed_in, match, score
from avr.stages.find.gather import findings

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def advisory(
    *events: str, name: str = "Sample", versions: tuple[str, ...] = (), vulnerability: str = "T-1"
) -> Advisory:
    """An advisory about one package; events are written as `introduced=0`."""
    pairs = [each.split("=", 1) for each in events]
    affected = AffectedRange(type=RangeType.ECOSYSTEM, events=tuple(RangeEvent(**{key: value}) for key, value in pairs))
    part = AffectedPackage(ecosystem="PyPI", name=name, ranges=(affected,) if events else (), versions=versions)
    return Advisory(id=AdvisoryId(vulnerability), modified=NOW, affected=(part,))


def component(name: str, version: str) -> Component:
    """A component of PyPI."""
    return Component(ecosystem=EcosystemName.PYPI, name=name, version=version)


def test_the_reason_names_the_range() -> None:
    """Names compare as PEP 503 says."""
    assert affects(advisory("introduced=0", "fixed=1.1"), "PyPI", "sample", "1.0") == "in the affected range <1.1"


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "01.0", "v1.0"])
def test_enumerated_versions_compare_as_versions(version: str) -> None:
    """`1.0` in the list is `1.0.0` of the component."""
    assert affects(advisory(versions=("1.0",)), "PyPI", "sample", version) == "listed among the affected versions"


def test_versions_that_are_none_match_letter_by_letter() -> None:
    """Old uploads have versions that PEP 440 cannot read; two of them are not equal for that."""
    listed = advisory("introduced=0", versions=("2.0.0-final", "1.0"))
    assert affects(listed, "PyPI", "sample", "2.0.0-final") == "listed among the affected versions"
    assert affects(listed, "PyPI", "sample", "3.0.0-final") is None
    assert affects(advisory(versions=("2.0.0-final",)), "PyPI", "sample", "1.0") is None


@pytest.mark.parametrize(("ecosystem", "name"), [("npm", "sample"), ("PyPI", "samples")])
def test_other_packages_are_not_affected(ecosystem: str, name: str) -> None:
    """The same name elsewhere is another package."""
    assert affects(advisory("introduced=0"), ecosystem, name, "1.0") is None


def test_a_patched_revision_is_judged_as_its_base_and_says_so() -> None:
    """Advisories do not know `+avr.1`; whoever reads the finding is told."""
    why = affects(advisory("introduced=0", "fixed=1.1"), "PyPI", "sample", "1.0+avr.1")
    assert why == "in the affected range <1.1; judged as 1.0, the advisory does not know +avr.1"
    assert affects(advisory(versions=("1.0",)), "PyPI", "sample", "1.0+avr.1") is not None
    assert affects(advisory("introduced=0", "fixed=1.0"), "PyPI", "sample", "1.0+avr.1") is None


def test_fixed_releases_are_those_above_the_version_oldest_first() -> None:
    """Ordered as versions, not as text."""
    many = advisory("introduced=0", "fixed=1.10", "introduced=2.0", "fixed=2.1", "fixed=1.9")
    assert fixed_in(many, "PyPI", "sample", "1.9") == ("1.10", "2.1")


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ({"CVSS_V3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}, 5.3),
        ({"CVSS_V2": "AV:N/AC:L/Au:N/C:N/I:N/A:P", "CVSS_V3": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, 9.8),
        ({"CVSS_V4": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"}, 6.9),
        ({"CVSS_V3": "CVSS:3.1/AV:Q"}, None),
        ({"Ubuntu": "high"}, None),
        ({}, None),
    ],
)
def test_scores_come_from_the_newest_vector(vectors: dict[str, str], expected: float | None) -> None:
    """What cannot be read has no score."""
    assert score(Score(type=kind, score=vector) for kind, vector in vectors.items()) == expected


def test_findings_come_in_one_order() -> None:
    """By package, version (as a version) and advisory, whatever the order of the inventory."""
    components = [component("b", "1.0"), component("a", "1.10"), component("a", "1.9")]
    known = [advisory("introduced=0", name=name, vulnerability=f"T-{number}") for name in "ab" for number in (2, 1)]
    found = match(components, lambda _, name: [each for each in known if each.affected[0].name == name])
    assert [(str(each.component), each.id) for each in found] == [
        ("a 1.9", "T-1"),
        ("a 1.9", "T-2"),
        ("a 1.10", "T-1"),
        ("a 1.10", "T-2"),
        ("b 1.0", "T-1"),
        ("b 1.0", "T-2"),
    ]


class _Source:
    """Knows one advisory of one package."""

    def for_package(self, ecosystem: str, name: str) -> tuple[Advisory, ...]:
        """The advisory for `sample`, nothing else."""
        return (advisory("introduced=0", "fixed=1.1"),) if (ecosystem, name) == ("PyPI", "sample") else ()


def test_an_inventory_is_asked_component_by_component() -> None:
    """The finding carries its component and the fixed release."""
    inventory = Inventory(target="t", components=(component("sample", "1.0"), component("other", "1.0")))
    (found,) = findings(inventory, _Source())
    assert (found.component.name, found.fixed_in) == ("sample", ("1.1",))
