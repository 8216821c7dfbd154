"""Reports of a hostile suite are read with care."""

import os
from pathlib import Path

import pytest

from avr.ecosystems import junit
from avr.model.evidence import TestStatus

REPORT = """<testsuites><testsuite>
<testcase classname="t.A" name="ok"/>
<testcase classname="t.A" name="p[1]"><failure message="x"/></testcase>
<testcase classname="t.A" name="p[1]"/>
<testcase classname="" name="t.b"><error message="collection failure"/></testcase>
<testcase classname="t" name="s"><skipped/></testcase>
</testsuite></testsuites>"""


def test_results_are_read_by_class_and_name(tmp_path: Path) -> None:
    """Parameters stay in the name, doubles are numbered in order, a broken file is an error and no pass."""
    (tmp_path / "x.xml").write_text(REPORT)
    assert junit.read(tmp_path / "x.xml") == {
        "t.A::ok": TestStatus.PASSED,
        "t.A::p[1]": TestStatus.FAILED,
        "t.A::p[1]#2": TestStatus.PASSED,
        "::t.b": TestStatus.ERROR,
        "t::s": TestStatus.SKIPPED,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<testsuites>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuites>&b;</testsuites>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>',
    ],
)
def test_hostile_or_broken_reports_are_no_reports(tmp_path: Path, text: str) -> None:
    """Document types and entities have no place in a report."""
    (tmp_path / "x.xml").write_text(text)
    assert junit.read(tmp_path / "x.xml") is None


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    """A link could point at any file of the host, a pipe would never end."""
    (tmp_path / "real.xml").write_text(REPORT)
    (tmp_path / "link.xml").symlink_to(tmp_path / "real.xml")
    os.mkfifo(tmp_path / "pipe.xml")
    assert [junit.read(tmp_path / name) for name in ("link.xml", "pipe.xml", "absent.xml")] == [None, None, None]


def test_colours_in_messages_do_not_lose_the_report(tmp_path: Path) -> None:
    """Old pytest copies escape characters into attributes, which XML forbids."""
    case = '<testcase classname="a" name="t"><failure message="\x1b[93mred\x1b[0m"/></testcase>'
    (tmp_path / "x.xml").write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")
    assert {"a::t": TestStatus.FAILED} == junit.read(tmp_path / "x.xml")
