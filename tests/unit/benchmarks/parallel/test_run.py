"""The runs are compared finding by finding."""

from benchmarks.parallel.run import PINS, differing


def test_states_that_differ_are_named() -> None:
    """Also where one run lacks a finding."""
    one, two = {"a CVE-1": "fixed", "b CVE-2": "fixed"}, {"a CVE-1": "needs_review"}
    assert [] == differing({"one": one, "two": one})
    assert ["a CVE-1", "b CVE-2"] == [each.partition(":")[0] for each in differing({"one": one, "two": two})]


def test_no_package_is_pinned_twice() -> None:
    """A requirements file could not hold that."""
    assert 20 == len({each.partition("==")[0] for each in PINS})
