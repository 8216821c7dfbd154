"""The public interface is compared without importing anything."""

import pytest

from avr.ecosystems.pypi.behaviour import api
from avr.model.behaviour import ApiChange
from avr.testing import build

PATH = "src/thing/core.py"
OLD = "def cut(text, most=1): ...\n\nclass Cutter:\n    def run(self, text): ...\n\ndef _inner(a): ...\n"


def changes(new: str, path: str = PATH) -> tuple[ApiChange, ...]:
    """What changes when the module becomes `new`."""
    before = build.tree({"src/thing/__init__.py": "", path: OLD})
    return api.compare(before, before.replacing({path: new.encode()})).changes


def test_a_parameter_with_a_default_breaks_nobody() -> None:
    """It is told as new."""
    (found,) = changes(OLD.replace("most=1", "most=1, strict=False"))
    assert ApiChange(path=PATH, name="thing.core.cut(strict)", what="new parameter", breaking=False) == found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("most=1", "most=1, *, strict"),
        ("(text, most=1)", "(text)"),
        ("(text, most=1)", "(most, text=1)"),
        ("def cut", "def snip"),
        ("    def run(self, text): ...", "    pass"),
        ("class Cutter", "def Cutter(): ...\n\nclass Other"),
    ],
)
def test_what_callers_lean_on_may_not_go(old: str, new: str) -> None:
    """Names, parameters, their order and whether they are needed."""
    assert any(each.breaking for each in changes(OLD.replace(old, new)))


@pytest.mark.parametrize(("old", "new"), [("most=1", "most=2"), ("_inner(a)", "_inner(a, b)"), ("...", "return 1")])
def test_defaults_private_names_and_bodies_may_change(old: str, new: str) -> None:
    """None of these breaks a caller."""
    assert not any(each.breaking for each in changes(OLD.replace(old, new)))


def test_an_attribute_may_hold_what_was_a_method() -> None:
    """Assigning what a decorator made, and decorating, are the same to a caller; it is told."""
    wrapped = OLD.replace("    def run(self, text): ...", "    def run(text): ...\n    run = staticmethod(run)")
    before = build.tree({"src/thing/__init__.py": "", PATH: wrapped})
    decorated = OLD.replace("    def run(self, text)", "    @staticmethod\n    def run(text)").encode()
    found = api.compare(before, before.replacing({PATH: decorated})).changes
    assert found[0].name == "thing.core.Cutter.run"
    assert not any(each.breaking for each in found)


def test_a_private_module_breaks_nobody() -> None:
    """Whoever hands its names on is another module."""
    assert not any(each.breaking for each in changes("x = 1\n", "src/thing/_core.py"))


@pytest.mark.parametrize(("head", "breaking"), [("", False), ("__all__ = ['PATTERN']\n", True)])
def test_a_constant_is_promised_by_all_alone(head: str, breaking: bool) -> None:
    """A table or pattern of a module may go with the code that used it, unless the module lists it."""
    before = build.tree({"src/thing/__init__.py": "", PATH: f"{head}PATTERN = 1\nRULE = 2\n"})
    (found,) = api.compare(before, before.replacing({PATH: f"{head}RULE = 2\n".encode()})).changes
    assert (breaking, "thing.core.PATTERN") == (found.breaking, found.name)


def test_a_module_that_is_gone_is_missed() -> None:
    """Importing it would fail."""
    before = build.tree({"src/thing/__init__.py": "", PATH: OLD})
    (found,) = api.compare(before, before.replacing({PATH: None})).changes
    assert (True, "thing.core") == (found.breaking, found.name)


def test_python_2_cannot_be_read() -> None:
    """It is named, so that nobody takes silence for a pass."""
    before = build.tree({"src/thing/__init__.py": "", PATH: "print 'a'\n"})
    found = api.compare(before, before.replacing({PATH: b"print 'b'\n"}))
    assert ((PATH,), ()) == (found.unread, found.compared)


def test_nothing_is_imported() -> None:
    """Code that runs when it is imported does not run."""
    assert () == changes(OLD + "raise SystemExit(1)\n")
