"""What the contract for node makes of a program, run as the sandbox would run it."""

import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from avr.model.exploit import Signal
from avr.proofs.reading import Left, Shown, read

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: nothing can run programs")

NONCE = "a1b2"
HEAD = 'const contract = require("./contract.js");\n'
CONTROL = "function control() { return true; }\n"


def report(folder: Path, body: str, expected: int = 0) -> dict[str, Any]:
    """Run a program with `body` as its functions and give its report; an empty one where none was left."""
    proof, results = folder / "proof", folder / "results"
    for each in (proof, results):
        each.mkdir()
    (proof / "nonce").write_text(NONCE)
    (proof / "secret").write_text("c3d4")
    (proof / "contract.js").write_bytes((files("avr.proofs") / "contract.js").read_bytes())
    (proof / "program.js").write_text(f"{HEAD}{body}\ncontract.run(control, attack);\n")
    environment = {**os.environ, "AVR_PROOF": str(proof), "AVR_PROOF_RESULTS": str(results)}
    done = subprocess.run(["node", str(proof / "program.js")], env=environment, check=False, timeout=120)
    assert expected == done.returncode
    left = results / "report.json"
    found = json.loads(left.read_text()) if left.exists() else {}
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("control", "attack", "verdict"),
    [
        ("true", "contract.fired('seen')", "fired"),
        ("true", "contract.blocked('refused at the door')", "blocked"),
        ("true", "contract.either(0, 'none')", "blocked"),
        ("true", "contract.blocked(false)", "inconclusive"),
        ("false", "contract.fired('seen')", "inconclusive"),
        ("null.x", "contract.fired('seen')", "inconclusive"),
        ("true", "null.x", "inconclusive"),
        ("true", "null", "inconclusive"),
        ("true", "undefined", "inconclusive"),
        ("true", "'fired'", "inconclusive"),
        ("Promise.resolve(true)", "Promise.resolve(contract.fired('seen'))", "fired"),
        ("Promise.resolve(false)", "contract.fired('seen')", "inconclusive"),
        ("true", "Promise.reject(null)", "inconclusive"),
    ],
)
def test_only_a_verdict_after_a_sound_control_counts(tmp_path: Path, control: str, attack: str, verdict: str) -> None:
    """A package that does not work, an exception and any other answer are inconclusive; promises are waited for."""
    found = report(tmp_path, f"function control() {{ return {control}; }}\nfunction attack() {{ return {attack}; }}")
    assert (verdict, NONCE) == (found["verdict"], found["nonce"])


def test_a_verdict_is_the_programs_own(tmp_path: Path) -> None:
    """A prototype that the attack left polluted gives no verdict."""
    body = CONTROL + "function attack() { Object.prototype.verdict = 'fired'; return {}; }"
    assert "inconclusive" == report(tmp_path, body)["verdict"]


def test_a_package_that_the_attack_broke_is_not_safe(tmp_path: Path) -> None:
    """The control works again after a blocked attack, or nothing is known."""
    body = "let calls = 0;\nfunction control() { return ++calls === 1; }\n"
    assert "inconclusive" == report(tmp_path, body + "function attack() { return contract.blocked('x'); }")["verdict"]


def test_an_attack_that_never_ends_leaves_no_report(tmp_path: Path) -> None:
    """A promise that nobody keeps ends node without a word, which the reader takes for inconclusive."""
    found = report(tmp_path, CONTROL + "function attack() { return new Promise(() => 0); }")
    assert {} == found
    reading = read(Left(report=None, witness=False, seconds=1.0), Signal.READ, NONCE, "c3d4")
    assert Shown.INCONCLUSIVE is reading.shown


def test_growth_is_left_to_the_judge(tmp_path: Path) -> None:
    """Quadratic work is measured until it is slow; the judge sees it from the samples."""
    loops = "(n) => { let x = 0; for (let i = 0; i < n * n * 100; i++) x += Math.sqrt(i); return x; }"
    sizes = "[100, 200, 400, 800, 1600, 3200]"
    found = report(tmp_path, CONTROL + f"function attack() {{ return contract.growth({loops}, {sizes}); }}")
    assert "measured" == found["verdict"]
    left = Left(report=json.dumps(found).encode(), witness=False, seconds=60.0)
    assert Shown.FIRED is read(left, Signal.SLOW, NONCE, "c3d4").shown


def test_what_hangs_is_cut_off(tmp_path: Path) -> None:
    """A sample ends after its limit of processor time, also within one regular expression."""
    work = "(n) => (n > 10 ? /^(a+)+$/.test('a'.repeat(60) + 'b') : 0)"
    found = report(tmp_path, CONTROL + f"function attack() {{ return contract.growth({work}, [10, 20, 30]); }}")
    sizes, times = zip(*found["samples"], strict=True)
    assert (10, 20) == sizes
    assert times[1] >= 2


def test_the_server_keeps_what_it_was_sent(tmp_path: Path) -> None:
    """Requests arrive whole and are answered."""
    body = (
        "const http = require('http');\n"
        "async function attack() {\n"
        "  const server = await contract.Server.open(() => contract.response('200 OK', ['X-A: b'], 'hello'));\n"
        "  const answer = await new Promise((resolve) => {\n"
        "    const request = http.request(server.url, { method: 'POST' }, (response) =>\n"
        "      response.on('data', (data) => resolve(`${data} ${response.headers['x-a']}`)));\n"
        "    request.end('body');\n"
        "  });\n"
        "  return contract.either(server.seen().includes('body') && answer === 'hello b', answer);\n"
        "}"
    )
    assert "fired" == report(tmp_path, CONTROL + body)["verdict"]


@pytest.mark.parametrize(
    "way",
    [
        "eval(contract.payload())",
        "new Function(`return ${contract.payload()}`)()",
        "require('child_process').execSync(contract.shellPayload())",
        "require('fs').mkdirSync(contract.witness())",
    ],
)
def test_a_payload_leaves_the_witness(tmp_path: Path, way: str) -> None:
    """Code, a shell command and a written folder are seen inside and outside alike."""
    body = f"function attack() {{ {way}; return contract.either(contract.executed(), 'seen'); }}"
    assert "fired" == report(tmp_path, CONTROL + body)["verdict"]
    assert (tmp_path / "results" / f"ran-{NONCE}").is_dir()


def test_options_are_drawn_by_the_run(tmp_path: Path) -> None:
    """All of them, in an order that follows from the nonce."""
    body = "const all = [...Array(9).keys()];\n"
    body += "function control() { return contract.drawn(...all).sort().join() === all.join(); }\n"
    body += (
        "function attack() { return contract.blocked(`${contract.drawn(...all)}` === `${contract.drawn(...all)}`); }"
    )
    assert "blocked" == report(tmp_path, body)["verdict"]
