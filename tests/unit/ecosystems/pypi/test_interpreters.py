"""Which interpreter suits a pin."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from avr.ecosystems.pypi import interpreters
from avr.ecosystems.pypi.interpreters import Declared, Interpreter
from avr.model.outcome import Declined


def cpython(major: int, minor: int, prefix: str = "/opt/some") -> Interpreter:
    """An interpreter that exists in these tests only."""
    folder = Path(f"{prefix}/{major}.{minor}")
    return Interpreter(version=(major, minor, 1), executable=folder / "bin/python", prefix=folder)


ALL = tuple(cpython(*each) for each in [(2, 7), (3, 6), (3, 7), (3, 8), (3, 9), (3, 11), (3, 13)])


def order(declared: Declared, available: tuple[Interpreter, ...] = ALL) -> list[str]:
    """The chosen versions as text."""
    chosen = interpreters.choose(declared, available)
    assert not isinstance(chosen, Declined)
    return ["{}.{}".format(*each.minor) for each in chosen]


def classifiers(*minors: str) -> tuple[str, ...]:
    """Trove classifiers of minor versions."""
    return tuple(f"Programming Language :: Python :: {each}" for each in minors)


def test_the_newest_declared_version_of_the_time_is_first() -> None:
    """Users of a range run its end, and what came out after the pin was never tested with it."""
    declared = Declared(
        requires=">=2.7",
        classifiers=classifiers("2.7", "3.6", "3.7", "3.8"),
        released=datetime(2020, 4, 13, tzinfo=UTC),
    )
    assert order(declared)[:3] == ["3.8", "3.7", "3.6"]


def test_a_version_declared_before_it_was_out_comes_after_those_of_the_time() -> None:
    """A classifier for a version in beta is a hope."""
    declared = Declared(classifiers=classifiers("3.8", "3.9"), released=datetime(2020, 1, 1, tzinfo=UTC))
    assert order(declared)[:2] == ["3.8", "3.9"]


def test_without_classifiers_the_newest_of_the_time_is_first() -> None:
    """Newer releases declare a lower bound only."""
    assert order(Declared(requires=">=3.7", released=datetime(2022, 12, 1, tzinfo=UTC)))[0] == "3.11"


def test_an_old_pin_runs_on_python_2() -> None:
    """A pin that knows 2.7 and versions that are no longer here runs on 2.7 before any undeclared one."""
    declared = Declared(classifiers=classifiers("2.6", "2.7", "3.3"), released=datetime(2015, 7, 26, tzinfo=UTC))
    assert order(declared)[:2] == ["2.7", "3.6"]


def test_python_2_is_the_last_resort_of_a_python_3_package() -> None:
    """A package that declares Python 3 alone is not tried on 2.7 before any other."""
    assert order(Declared(classifiers=classifiers("3.5"), released=datetime(2020, 1, 1, tzinfo=UTC)))[-1] == "2.7"


def test_a_package_for_python_2_alone_is_tried_on_it() -> None:
    """Classifiers without a minor version tell the major one."""
    declared = Declared(
        classifiers=("Programming Language :: Python :: 2 :: Only",), released=datetime(2018, 9, 1, tzinfo=UTC)
    )
    assert order(declared)[0] == "2.7"


def test_the_required_range_excludes() -> None:
    """Requires-Python is a promise of the installer, so that nothing else is tried."""
    assert order(Declared(requires=">=3.6, <3.9")) == ["3.8", "3.7", "3.6"]


def test_no_suitable_interpreter_is_declined_with_the_range() -> None:
    """The reason names what would be needed."""
    declined = interpreters.choose(Declared(requires=">=4"), ALL)
    assert isinstance(declined, Declined)
    assert (declined.code, ">=4" in declined.why) == ("bench.no-interpreter", True)


def test_a_broken_range_excludes_nothing() -> None:
    """Old metadata holds ranges that are no PEP 440."""
    assert len(order(Declared(requires="three or more"))) == len(ALL)


def test_an_interpreter_of_its_own_wins_over_the_systems() -> None:
    """Distributions patch theirs."""
    system = Interpreter(version=(3, 11, 9), executable=Path("/usr/bin/python3.11"), prefix=Path("/usr"))
    own = cpython(3, 11)
    assert interpreters.choose(Declared(), (system, own)) == (own,)


def test_discovery_finds_real_executables_once(tmp_path: Path) -> None:
    """A link and its target are one interpreter; what gives no answer is none."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").symlink_to("/usr/bin/python3")
    (folder / "python").symlink_to("python3")
    broken = folder / "python3.99"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    found = interpreters.discover({"PATH": str(folder), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)})
    real = Path("/usr/bin/python3").resolve()
    assert [each.executable for each in found].count(real) == 1
    assert broken not in {each.executable for each in found}


@pytest.mark.parametrize("minor", [(2, 7), (3, 6), (3, 13)])
def test_release_dates_are_known(minor: tuple[int, int]) -> None:
    """Dates are those of the final releases, in UTC."""
    assert interpreters.RELEASED[minor].tzinfo is UTC
