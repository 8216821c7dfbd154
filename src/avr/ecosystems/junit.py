"""Test results from JUnit XML, which a hostile suite may have written itself."""

import re
from pathlib import Path

from avr.model.evidence import TestStatus
from avr.tools import leftovers

_LARGEST = 64 << 20
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Control characters that XML forbids; old pytest copies them out of messages, such as the ESC of colours."""


def read(path: Path) -> dict[str, TestStatus] | None:
    """Results by `classname::name`, the second of a name as `name#2`; None where there is no readable report.

    Links, pipes, files beyond 64 MiB, entities and document types are refused.
    """
    data = leftovers.regular(path, _LARGEST)
    if data is None:
        return None
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(_NOT_XML.sub(b"", data), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return None
    results: dict[str, TestStatus] = {}
    for case in root.iter("testcase"):
        key = f"{case.get('classname', '')}::{case.get('name', '')}"
        results[_unused(key, results)] = _status({child.tag for child in case})
    return results


def _status(tags: set[str]) -> TestStatus:
    for tag, status in (("error", TestStatus.ERROR), ("failure", TestStatus.FAILED), ("skipped", TestStatus.SKIPPED)):
        if tag in tags:
            return status
    return TestStatus.PASSED


def _unused(key: str, results: dict[str, TestStatus]) -> str:
    count, unique = 1, key
    while unique in results:
        count += 1
        unique = f"{key}#{count}"
    return unique
