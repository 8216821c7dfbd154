"""report.html: one self-contained page without scripts or remote content; all text of others is escaped."""

from collections.abc import Iterable

from avr.model.backport import Hunk, HunkStatus
from avr.model.evidence import TestRun, TestStatus
from avr.model.identifiers import Gate
from avr.model.report import Report

GATES = {
    Gate.APPLIES: "every hunk of the fix has its place",
    Gate.SOUND: "parses on the minimum runtime, no undefined name, no new dependency",
    Gate.BUILDS: "the artifacts are rebuilt and differ from the originals by the patch alone",
    Gate.NO_REGRESSION: "no test of the suite that passed before fails after",
    Gate.SECURITY_TEST: "the fix's own test fails before and passes after",
    Gate.EXPLOIT: "an exploit works before and is blocked after",
    Gate.NECESSITY: "a security test notices when a hunk is removed, or a mistake made in it",
    Gate.BEHAVIOUR: "the public interface and benign behaviour are unchanged",
}


def page(report: Report) -> bytes:
    """The report as an HTML page in UTF-8."""
    from importlib.resources import files

    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(counted=counted, closed=is_closed)
    source = files("avr.stages.deliver").joinpath("report.html.jinja").read_text("utf-8")
    text = environment.from_string(source).render(report=report, gates=GATES, shown=shown_hunks)
    return text.encode("utf-8", "replace")


def counted(run: TestRun) -> str:
    """A test run in words: `12 passed, 1 failed`."""
    totals = {status: sum(each is status for each in run.results.values()) for status in TestStatus}
    words = [f"{count} {status.value}" for status, count in totals.items() if count]
    if run.exit_code is None:
        words.append("ended by the time limit")
    return ", ".join(words) or run.problem or "no test ran"


def is_closed(state: str) -> bool:
    """Whether a finding in this state is no longer open."""
    return state in {"fixed", "already_fixed", "not_affected"}


def shown_hunks(hunks: Iterable[Hunk]) -> list[Hunk]:
    """Hunks in the order in which they are read: what found no place first."""
    order = [HunkStatus.UNPLACED, HunkStatus.UNNEEDED, HunkStatus.PLACED, HunkStatus.PRESENT]
    return sorted(hunks, key=lambda each: order.index(each.status))
