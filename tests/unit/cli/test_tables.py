"""What the closing lines say."""

from avr.cli.tables import necessity
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import Gate
from avr.model.report import ComponentReport, Report
from avr.stages.deliver.page import page
from avr.testing import build


def test_a_weak_proof_is_told_at_the_terminal_and_on_the_page() -> None:
    """One line for each component whose hunks were tried; other evidence has none."""
    weak = "proof weak: no security test notices when a.py:1 is removed"
    shown = tuple(
        Evidence(gate=gate, verdict=Verdict.NO_EVIDENCE, summary=summary, facts={}, logs={})
        for gate, summary in ((Gate.SOUND, "sound"), (Gate.NECESSITY, weak))
    )
    component = ComponentReport(component=build.component(), findings=(), evidence=shown, seconds={})
    report = Report(target="requirements.txt", components=(component,))
    assert [f"thing 1.0: {weak}"] == necessity(report)
    assert f'<p class="warn">{weak}</p>' in page(report).decode()
