"""A foreign patch gives its code to be judged, and nothing of the judge."""

from pathlib import Path

from avr.app.proposal import proposal
from avr.model.fix import ChangeKind, Fix
from avr.testing import build
from avr.testing.tiny import REPAIRED, TEST, VULNERABLE, TinyEcosystem

CODE, TESTS = "src/thing/__init__.py", "tests/test_thing.py"


def _fix() -> Fix:
    return build.fix(build.change(CODE, VULNERABLE, REPAIRED), build.change(TESTS, None, TEST, ChangeKind.TEST))


def test_tests_and_settings_of_the_patch_are_not_taken_over(tmp_path: Path) -> None:
    """The security tests are upstream's, whatever the patch says."""
    pin = TinyEcosystem(tmp_path).pin(build.component())
    theirs = {CODE: REPAIRED, TESTS: "def test_nothing():\n    pass\n", "conftest.py": "", "setup.cfg": "[x]\n"}
    found = proposal(pin, pin.tree.replacing({path: text.encode() for path, text in theirs.items()}), _fix(), pin.tree)
    assert ("conftest.py", "setup.cfg", TESTS) == found.ignored
    assert (CODE,) == found.backport.changed_paths
    assert {TESTS: TEST.encode()} == found.backport.security_tests
    assert found.backport.ported[0].complete


def test_what_is_not_upstreams_fix_is_not_complete(tmp_path: Path) -> None:
    """G0 speaks against it before anything is run."""
    pin = TinyEcosystem(tmp_path).pin(build.component())
    theirs = pin.tree.replacing({CODE: VULNERABLE.replace("open(path)", "open(path, 'rb')").encode()})
    assert not proposal(pin, theirs, _fix(), pin.tree).backport.ported[0].complete
    assert not proposal(pin, pin.tree, _fix(), pin.tree).backport.ported[0].complete
