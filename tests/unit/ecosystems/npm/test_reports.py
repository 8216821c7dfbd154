"""Results from TAP, JUnit XML, jest's JSON and exit codes, all of them written by whoever is tested."""

import json
from pathlib import Path

from avr.ecosystems.npm import reports
from avr.model.evidence import TestStatus

TAP = """TAP version 13
# parses
ok 1 should be equal
not ok 2 should be equal
  ---
    operator: equal
    ok 99 inside: yaml
  ...
# Subtest: nested
    ok 1 - inner
ok 3 - nested # time=3.2ms
ok 4 later # SKIP not today
not ok 5 # TODO some day
1..5
# tests 5
"""


def test_tap_is_read_point_by_point(tmp_path: Path) -> None:
    """Outermost points with their groups; of the same name the second is numbered; skipped ones are told."""
    (tmp_path / "1.tap").write_text(TAP)
    found = reports.of_tap(tmp_path / "1.tap", "test/a.js", 1)
    assert list(found.items()) == [
        ("test/a.js::parses::should be equal", TestStatus.PASSED),
        ("test/a.js::parses::should be equal#2", TestStatus.FAILED),
        ("test/a.js::nested", TestStatus.PASSED),
        ("test/a.js::nested::later", TestStatus.SKIPPED),
        ("test/a.js::nested#2", TestStatus.SKIPPED),
    ]


def test_a_program_that_ends_otherwise_than_it_says_is_an_error(tmp_path: Path) -> None:
    """No results, or an exit code that no failed result explains: never a pass."""
    (tmp_path / "1.tap").write_text("ok 1 fine\n")
    assert reports.of_tap(tmp_path / "1.tap", "a.js", 0) == {"a.js::fine": TestStatus.PASSED}
    crashed = {"a.js::fine": TestStatus.PASSED, "a.js::(program)": TestStatus.ERROR}
    assert reports.of_tap(tmp_path / "1.tap", "a.js", 1) == crashed
    assert reports.of_tap(tmp_path / "none.tap", "a.js", 0) == {"a.js::(program)": TestStatus.ERROR}
    assert reports.of_junit(tmp_path / "none.xml", "a.js", 0) == {"a.js::(program)": TestStatus.ERROR}


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a suite leaves behind may point anywhere."""
    (tmp_path / "real").write_text("ok 1 fine\n")
    (tmp_path / "1.tap").symlink_to(tmp_path / "real")
    assert reports.of_tap(tmp_path / "1.tap", "a.js", 0) == {"a.js::(program)": TestStatus.ERROR}


def test_junit_results_bear_their_file(tmp_path: Path) -> None:
    """So that a fix's own tests can be told from others."""
    (tmp_path / "1.xml").write_text('<testsuite><testcase classname="x y" name="z"/></testsuite>')
    assert reports.of_junit(tmp_path / "1.xml", "t.js", 0) == {"t.js::x y::z": TestStatus.PASSED}


def test_jest_tells_files_that_cannot_be_loaded(tmp_path: Path) -> None:
    """A file without results is an error of its own."""
    files = [
        {"name": "/tmp/tree/a.test.js", "status": "failed", "assertionResults": [
            {"fullName": "does x", "status": "passed"}, {"fullName": "does y", "status": "failed"}]},
        {"name": "/tmp/tree/b.test.js", "status": "failed", "assertionResults": []},
    ]  # fmt: skip
    (tmp_path / "jest.json").write_text(json.dumps({"testResults": files}))
    assert reports.of_jest(tmp_path / "jest.json", "/tmp/tree") == {
        "a.test.js::does x": TestStatus.PASSED,
        "a.test.js::does y": TestStatus.FAILED,
        "b.test.js::(file)": TestStatus.ERROR,
    }
    (tmp_path / "jest.json").write_text('{"testResults": 1}')
    assert reports.of_jest(tmp_path / "jest.json", "/tmp/tree") is None


def test_an_exit_code_is_one_result() -> None:
    """Green for zero alone."""
    assert reports.of_program("t.js", 0) == {"t.js::(program)": TestStatus.PASSED}
    assert reports.of_program("t.js", None) == {"t.js::(program)": TestStatus.FAILED}
