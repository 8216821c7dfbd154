"""The report: one page that escapes what others wrote, signed together with everything else."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from avr.model.backport import HunkStatus
from avr.model.component import Location, Unresolved
from avr.model.identifiers import AdvisoryId
from avr.model.report import Report
from avr.stages.deliver import layout
from avr.stages.deliver.act import write_release
from avr.stages.deliver.page import page
from avr.stages.deliver.publish import slim, write_report
from avr.testing import build, deliveries
from avr.testing.tiny import TinyEcosystem
from avr.tools import documents
from avr.tools.signing import load_key, verify

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one tag."""
        self.seen.append((tag, dict(attrs)))


def _tags(html: bytes) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html.decode())
    return parser.seen


def _evil(tmp_path: Path) -> Report:
    report = deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index")), EVIL)
    component = report.components[0]
    advisory = replace(component.findings[0].finding.advisory, id=AdvisoryId(EVIL), aliases=(AdvisoryId(EVIL),))
    finding = replace(component.findings[0], finding=replace(build.finding(), advisory=advisory, why=EVIL), why=EVIL)
    hunk = replace(component.ported[0].hunks[0], path=EVIL, target=EVIL, removed=(EVIL,), added=(EVIL,), tried=(EVIL,))
    fix = replace(component.ported[0].fix, subject=EVIL)
    ported = replace(component.ported[0], fix=fix, hunks=(hunk,), advisory=AdvisoryId(EVIL))
    shown = replace(component.evidence[0], summary=EVIL, facts={EVIL: [EVIL], "n": 1})
    evil = replace(component, findings=(finding,), ported=(ported,), evidence=(shown, *component.evidence[1:]))
    passed_over = Unresolved(text=EVIL, code="x", why=EVIL, location=Location(path=EVIL))
    return replace(report, components=(evil,), unresolved=(passed_over,))


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """A script in an id, a path, a hunk or a log is shown, never run; nothing is loaded from elsewhere."""
    html = page(_evil(tmp_path))
    tags = _tags(html)
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "src"]
    assert html.count(b"&lt;script&gt;") > 8


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    """All links stay on the page, and the style asks for no file."""
    html = page(deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index"))))
    links = [attributes["href"] for _, attributes in _tags(html) if "href" in attributes]
    assert all(each is not None and each.startswith("#") for each in links)
    assert not re.search(rb"url\(|@import", html)


def test_the_page_shows_state_level_and_proof(tmp_path: Path) -> None:
    """What a reader looks for is there."""
    html = page(deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index")))).decode()
    for text in ("thing 1.0", "CVE-2099-0001", "fixed", "A3", "G5, G6", "1 failed", "1 passed", "avr verify"):
        assert text in html


def test_an_empty_report_is_a_page_too() -> None:
    """A run without findings has a report."""
    assert b"0 components with findings" in page(Report(target="x", components=()))


def test_the_json_is_a_document(tmp_path: Path) -> None:
    """report.json reads back as the report, without upstream's file contents."""
    report = deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index")))
    write_report(report, tmp_path / "out", load_key(tmp_path))
    read = documents.read(tmp_path / "out" / layout.REPORT_JSON, layout.REPORT_SCHEMA, Report)
    assert read == slim(report)


def test_the_manifest_covers_every_file(tmp_path: Path) -> None:
    """All files but the manifest itself are signed."""
    key, out = load_key(tmp_path / "home"), tmp_path / "out"
    delivery = deliveries.delivery(TinyEcosystem(tmp_path / "index"))
    release = write_release(delivery, out, key)
    report = deliveries.report(delivery)
    component = replace(report.components[0], release=release)
    write_report(replace(report, components=(component,)), out, key, {"requirements.txt": b"thing==1.0+avr.1\n"})
    body = json.loads(verify((out / layout.MANIFEST).read_bytes(), key.public))
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {layout.MANIFEST}
    assert {each["name"] for each in body["subject"]} == found


def test_every_status_of_a_hunk_is_shown(tmp_path: Path) -> None:
    """What was left out comes before what was placed, with its reason."""
    report = deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index")))
    component = report.components[0]
    statuses = [HunkStatus.PRESENT, HunkStatus.PLACED, HunkStatus.UNNEEDED, HunkStatus.UNPLACED]
    hunks = tuple(replace(component.ported[0].hunks[0], status=each, tried=(f"why {each.value}",)) for each in statuses)
    shown = replace(report, components=(replace(component, ported=(replace(component.ported[0], hunks=hunks),)),))

    html = page(shown).decode()

    assert re.findall(r">(present|placed|unneeded|unplaced)</span>", html) == [
        "unplaced",
        "unneeded",
        "placed",
        "present",
    ]
    assert "why unneeded" in html
    assert "why placed" not in html
