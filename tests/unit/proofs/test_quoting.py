"""What the program around quoted code sees, run as the sandbox would run it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from avr.ecosystems.pypi.interpreters import Interpreter, discover
from avr.model.exploit import Signal
from avr.proofs.quoted import Quotation, wrap
from avr.proofs.reading import Left, Shown, read

NONCE, SECRET = "a1b2", "c3d4e5"


@dataclass(frozen=True)
class Ran:
    """The report of a run, and the verdict that is read outside."""

    report: dict[str, Any]
    shown: Shown

    @property
    def seen(self) -> dict[str, Any]:
        """What was observed, where nothing was to be judged."""
        found: dict[str, Any] = json.loads(self.report["detail"])
        return found


def run(folder: Path, code: str, signal: Signal = Signal.CRASHED, ends: str = "", python: str = sys.executable) -> Ran:
    """Run quoted code; `ends` empty observes it only."""
    exploit = wrap(
        Quotation(
            vulnerability="CVE-2099-0001", package="thing", cwe=("CWE-1",), references=("x",), code=code, modules=()
        ),
        signal,
        ("1.0", "1.1"),
        ends,
    )
    proof, results = folder / "proof", folder / "results"
    for each in (proof, results):
        each.mkdir()
    files = {"nonce": NONCE.encode(), "secret": SECRET.encode(), "contract.py": exploit.contract}
    for name, data in {**files, exploit.name: exploit.program}.items():
        (proof / name).write_bytes(data)
    environment = {**os.environ, "AVR_PROOF": str(proof), "AVR_PROOF_RESULTS": str(results)}
    subprocess.run([python, "-B", str(proof / exploit.name)], env=environment, check=True, timeout=180)
    left = Left(
        report=(results / "report.json").read_bytes(), witness=(results / f"ran-{NONCE}").is_dir(), seconds=60.0
    )
    return Ran(report=json.loads(left.report or b""), shown=read(left, signal, NONCE, SECRET).shown)


@pytest.mark.parametrize("interpreter", discover(), ids=str)
def test_every_interpreter_of_a_pin_will_do(tmp_path: Path, interpreter: Interpreter) -> None:
    """From Python 2.7 on, as the contract."""
    code = "import os\nos.system('touch pwned')\nprint(open('/etc/passwd').read())\n"
    ran = run(tmp_path, code, Signal.READ, "end", str(interpreter.executable))
    assert Shown.FIRED is ran.shown
    assert "executed" in ran.report["detail"]


def test_code_that_ends_shows_no_sign(tmp_path: Path) -> None:
    """It may print what it likes."""
    seen = run(tmp_path, "print('VULNERABLE! fired')\n").seen
    assert ("end", []) == (seen["ends"], seen["signs"])


@pytest.mark.parametrize(
    ("code", "ends", "line"),
    [
        ("def f():\n    return f()\n\nf()\n", "RecursionError", 2),
        ("\nx = bytearray(1 << 32)\n", "MemoryError", 2),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "signal 11", 2),
    ],
)
def test_the_three_ways_to_crash(tmp_path: Path, code: str, ends: str, line: int) -> None:
    """Recursion without end, all memory, a signal; each with the line of the code."""
    seen = run(tmp_path, code).seen
    assert (ends, line, ["crashed"]) == (seen["ends"].rpartition(".")[2] or seen["ends"], seen["line"], seen["signs"])


@pytest.mark.parametrize(
    "code", ["raise ValueError('x')", "raise SystemExit(3)", "import nowhere", "raise AssertionError"]
)
def test_other_errors_are_no_sign(tmp_path: Path, code: str) -> None:
    """An exception may mean anything."""
    assert [] == run(tmp_path, code).seen["signs"]


@pytest.mark.slow
def test_work_without_end_is_cut(tmp_path: Path) -> None:
    """By processor time, at its line."""
    ran = run(tmp_path, "x = 1\nwhile True:\n    x += 1\n", Signal.HUNG, "end")
    assert Shown.FIRED is ran.shown


def test_a_private_file_is_the_secret_of_the_run(tmp_path: Path) -> None:
    """Fired where it comes out, in print or in a file that is written."""
    assert Shown.FIRED is run(tmp_path, "print(open('/etc/passwd').read())", Signal.READ, "end").shown


def test_a_private_file_copied_elsewhere_counts(tmp_path: Path) -> None:
    """An archive, a rendered page."""
    code = "open('out.txt', 'w').write(open('/usr/../etc/passwd').read())"
    assert "read" in run(tmp_path, code.replace("/usr/..", "")).seen["signs"]


def test_a_decoy_tells_that_a_command_ran(tmp_path: Path) -> None:
    """`touch` is a program of ours that leaves the witness."""
    assert Shown.FIRED is run(tmp_path, "import os\nos.system('touch pwned')\n", Signal.EXECUTED, "end").shown


def test_blocked_needs_the_end_that_was_agreed_on(tmp_path: Path) -> None:
    """The code must end as it did on upstream's release, at the same line."""
    code = "x = 1\nraise ValueError('no')\n"
    assert Shown.BLOCKED is run(tmp_path, code, Signal.READ, "ValueError at line 2").shown


@pytest.mark.parametrize("ends", ["end", "ValueError at line 1", "KeyError at line 2"])
def test_any_other_end_is_inconclusive(tmp_path: Path, ends: str) -> None:
    """A package that is broken is not safe."""
    assert Shown.INCONCLUSIVE is run(tmp_path, "x = 1\nraise ValueError('no')\n", Signal.READ, ends).shown


def test_code_that_writes_a_report_of_its_own_is_not_believed(tmp_path: Path) -> None:
    """The program writes its own at the end."""
    path = tmp_path / "results" / "report.json"
    code = f'open({str(path)!r}, \'w\').write(\'{{"nonce": "{NONCE}", "verdict": "fired"}}\')\n'
    assert Shown.BLOCKED is run(tmp_path, code, Signal.CRASHED, "end").shown
