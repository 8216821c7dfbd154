"""Which of upstream's releases is asked what the fix is meant to change."""

from dataclasses import replace
from pathlib import Path

import pytest

from avr.app.fixed_release import fixed_release
from avr.ecosystems.interface import Pin, RegistryRelease
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import PATCHED, REPAIRED, TREE, VULNERABLE, TinyEcosystem, TinyRegistry

FIX = build.fix(build.change("src/thing/__init__.py", VULNERABLE, REPAIRED))


class Registry(TinyRegistry):
    """Lists releases without any order."""

    def releases(self, package: str) -> tuple[RegistryRelease, ...]:
        """Files do not matter here."""
        if package == "hidden":
            raise AvrError("registry.unreachable", "no answer", hint="none")
        return tuple(RegistryRelease(version=each, files=()) for each in ("3.0", "2.1rc1", "1.0", "2.0", "2.2", "2.1"))


class Things(TinyEcosystem):
    """The releases that hold the fix; 2.1 cannot be had."""

    def __init__(self, folder: Path, *holding: str) -> None:
        super().__init__(folder)
        self.registry = Registry(folder)
        self.holding = holding

    def pin(self, component: Component) -> Pin:
        """The release's source, without the pin's own hashes."""
        assert component.hashes == ()
        if component.version == "2.1":
            raise AvrError("registry.no-source", "nothing but compiled wheels", hint="none")
        tree = PATCHED if component.version in self.holding else TREE
        return Pin(component=component, tree=tree, sdist=None, wheel=None, released=None)


def found(
    folder: Path, *holding: str, fixed_in: tuple[tuple[str, ...], ...] = (("2.0",),), name: str = "thing"
) -> tuple[str, SourceTree | None] | None:
    """The release that is named and the tree that is found."""
    component = replace(build.component(), name=name, hashes=("sha256:00",))
    findings = [replace(build.finding(), fixed_in=each) for each in fixed_in]
    release = fixed_release(Things(folder, *holding), component, findings, [FIX])
    return (release.version, release.tree()) if release else None


def test_the_release_that_the_advisory_names(tmp_path: Path) -> None:
    """Where it holds the fix."""
    assert ("2.0", PATCHED) == found(tmp_path, "2.0")


def test_a_release_soon_after_where_the_advisory_is_wrong(tmp_path: Path) -> None:
    """Prereleases and what cannot be had are passed over."""
    assert ("2.0", PATCHED) == found(tmp_path, "2.1rc1", "2.2")


def test_no_release_without_the_fix_is_asked(tmp_path: Path) -> None:
    """Nor one long after, which holds much else."""
    assert ("2.0", None) == found(tmp_path, "3.0")


def test_a_stack_needs_the_release_that_closes_all(tmp_path: Path) -> None:
    """The latest of the first fixed ones above the pin."""
    assert ("2.2", PATCHED) == found(tmp_path, "2.2", fixed_in=(("0.9", "2.0", "3.0"), ("2.2",)))


@pytest.mark.parametrize("fixed_in", [((),), (("0.9",),), (("none",),), (("2.0",), ())])
def test_an_advisory_without_a_fixed_release(tmp_path: Path, fixed_in: tuple[tuple[str, ...], ...]) -> None:
    """Nobody is asked."""
    assert found(tmp_path, "2.0", fixed_in=fixed_in) is None


def test_a_registry_out_of_reach_leaves_the_named_one(tmp_path: Path) -> None:
    """It may be in the cache."""
    assert ("2.0", PATCHED) == found(tmp_path, "2.0", name="hidden")
    assert ("2.0", None) == found(tmp_path, "2.2", name="hidden")
