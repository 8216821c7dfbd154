"""Results of runs, from the reports that runners write: JUnit XML, TAP (by tap.py) and jest's JSON.

A hostile suite may have written any of them itself; what cannot be read is no result.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from avr.ecosystems import junit
from avr.model.evidence import TestStatus
from avr.tools import leftovers

_LARGEST = 64 << 20
_JEST = {"passed": TestStatus.PASSED, "failed": TestStatus.FAILED}
_JEST |= dict.fromkeys(("pending", "skipped", "todo", "disabled"), TestStatus.SKIPPED)

Results = dict[str, TestStatus]


def of_junit(path: Path, file: str, exit_code: int | None) -> Results:
    """The results of one file's JUnit XML: `<file>::<class>::<name>`; see `of_tap` for one that ends otherwise."""
    found = {f"{file}::{key}": status for key, status in (junit.read(path) or {}).items()}
    failed = any(status in (TestStatus.FAILED, TestStatus.ERROR) for status in found.values())
    if not found or (exit_code != 0 and not failed):
        _add(found, f"{file}::(program)", TestStatus.ERROR)
    return found


def of_tap(path: Path, file: str, exit_code: int | None) -> Results:
    """The results of one program's TAP, https://testanything.org: `<file>::<group>::<description>`.

    A program that ends otherwise than its results say has one more result of its own, an error.
    """
    results: Results = {}
    data = leftovers.regular(path, _LARGEST)
    said = list(_points((data or b"").decode("utf-8", "replace")))
    for group, description, status in said:
        _add(results, "::".join(each for each in (file, group, description) if each), status)
    failed = any(status is TestStatus.FAILED for _, _, status in said)
    if not said or (exit_code != 0 and not failed):
        _add(results, f"{file}::(program)", TestStatus.ERROR)
    return results


def of_program(file: str, exit_code: int | None) -> Results:
    """The one result of a program that tells by its exit code alone."""
    return {f"{file}::(program)": TestStatus.PASSED if exit_code == 0 else TestStatus.FAILED}


def of_jest(path: Path, root: str) -> Results | None:
    """The results of jest's `--json`; a file that cannot be loaded is an error of its own."""
    data = leftovers.regular(path, _LARGEST)
    if data is None:
        return None
    try:
        content = json.loads(data)
        results: Results = {}
        for file in content["testResults"]:
            name = str(file["name"]).removeprefix(f"{root}/")
            for each in file["assertionResults"]:
                _add(results, f"{name}::{each['fullName']}", _JEST.get(str(each["status"]), TestStatus.ERROR))
            if not file["assertionResults"] and file.get("status") == "failed":
                _add(results, f"{name}::(file)", TestStatus.ERROR)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return results


def _points(text: str) -> Iterator[tuple[str, str, TestStatus]]:
    """Test points at the outermost level, with the comment above them, which names their group."""
    from tap.parser import Parser

    parser, group = Parser(), ""
    for line in text.splitlines():
        if line.startswith("# Subtest") or (line.startswith("#") and not line.startswith(("# tests ", "# pass "))):
            group = line.removeprefix("# Subtest:").lstrip("# ").strip()[:200]
            continue
        if not line.startswith(("ok", "not ok")):
            continue
        point = parser.parse_line(line)  # type: ignore[no-untyped-call]  # the library has no annotations
        if point.category != "test":
            continue
        words = str(point.description).strip().removeprefix("- ").strip()
        if point.skip or point.todo:
            status = TestStatus.SKIPPED
        else:
            status = TestStatus.PASSED if point.ok else TestStatus.FAILED
        yield ("" if group == words else group), words, status


def _add(results: Results, key: str, status: TestStatus) -> None:
    count, unique = 1, key
    while unique in results:
        count += 1
        unique = f"{key}#{count}"
    results[unique] = status


def merged(parts: Mapping[str, Results]) -> Results:
    """The results of several programs; their keys begin with the files and so never meet."""
    return {key: status for results in parts.values() for key, status in results.items()}
