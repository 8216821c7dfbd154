"""What the contract makes of a program, run as the sandbox would run it."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest


def report(folder: Path, body: str) -> dict[str, Any]:
    """Run a program with `body` as its functions and give its report."""
    proof, results = folder / "proof", folder / "results"
    for each in (proof, results):
        each.mkdir()
    (proof / "nonce").write_text("a1b2")
    (proof / "secret").write_text("c3d4")
    (proof / "contract.py").write_bytes((files("avr.proofs") / "contract.py").read_bytes())
    (proof / "program.py").write_text(f"import contract\n{body}\ncontract.run(control, attack)\n")
    environment = {**os.environ, "AVR_PROOF": str(proof), "AVR_PROOF_RESULTS": str(results)}
    subprocess.run([sys.executable, str(proof / "program.py")], env=environment, check=True, timeout=60)
    found = json.loads((results / "report.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("control", "attack", "verdict"),
    [
        ("True", "contract.fired('seen')", "fired"),
        ("True", "contract.blocked('refused at the door')", "blocked"),
        ("True", "contract.either([], 'none')", "blocked"),
        ("True", "contract.blocked('')", "inconclusive"),
        ("False", "contract.fired('seen')", "inconclusive"),
        ("1 / 0", "contract.fired('seen')", "inconclusive"),
        ("True", "1 / 0", "inconclusive"),
        ("True", "None", "inconclusive"),
        ("True", "'fired'", "inconclusive"),
    ],
)
def test_only_a_verdict_after_a_sound_control_counts(tmp_path: Path, control: str, attack: str, verdict: str) -> None:
    """A package that does not work, an exception and any other answer are inconclusive."""
    found = report(tmp_path, f"def control():\n    return {control}\ndef attack():\n    return {attack}")
    assert (verdict, "a1b2") == (found["verdict"], found["nonce"])


def test_a_package_that_the_attack_broke_is_not_safe(tmp_path: Path) -> None:
    """The control works again after a blocked attack, or nothing is known."""
    body = "calls = []\ndef control():\n    calls.append(1)\n    return len(calls) == 1\n"
    assert "inconclusive" == report(tmp_path, body + "def attack():\n    return contract.blocked('x')")["verdict"]


def test_growth_is_left_to_the_judge(tmp_path: Path) -> None:
    """Samples are reported, one for each size, and no verdict."""
    body = (
        "def control():\n    return True\ndef attack():\n    return contract.growth(lambda n: sum(range(n)), (10, 20))"
    )
    found = report(tmp_path, body)
    assert "measured" == found["verdict"]
    assert [10, 20] == [size for size, _ in found["samples"]]


def test_what_hangs_is_cut_off(tmp_path: Path) -> None:
    """A sample ends after its limit, and a size that takes a second ends the series."""
    body = (
        "def work(n):\n    while n > 10:\n        pass\n"
        "def control():\n    return True\ndef attack():\n    return contract.growth(work, (10, 20, 30))"
    )
    sizes, times = zip(*report(tmp_path, body)["samples"], strict=True)
    assert (10, 20) == sizes
    assert times[1] >= 2


def test_the_server_keeps_what_it_was_sent(tmp_path: Path) -> None:
    """Requests arrive whole and are answered."""
    body = (
        "import urllib.request\n"
        "def control():\n    return True\n"
        "def attack():\n"
        "    server = contract.Server(lambda _: contract.response('200 OK', body=b'hello'))\n"
        "    answer = urllib.request.urlopen(server.url, data=b'body').read()\n"
        "    return contract.either(server.seen().endswith(b'body') and answer == b'hello', 'seen')"
    )
    assert "fired" == report(tmp_path, body)["verdict"]


def test_options_are_drawn_by_the_run(tmp_path: Path) -> None:
    """All of them, in an order that follows from the nonce."""
    body = "def control():\n    return sorted(contract.drawn(1, 2, 3)) == [1, 2, 3]\n"
    body += "def attack():\n    return contract.blocked(contract.drawn(*range(9)) == contract.drawn(*range(9)))"
    assert "blocked" == report(tmp_path, body)["verdict"]


def measured(folder: Path, work: str, sizes: str) -> dict[str, Any]:
    """The report on the memory of a function with this body."""
    body = f"def work(size):\n    {work}\n"
    body += f"def control():\n    return True\ndef attack():\n    return contract.memory(work, {sizes})"
    return report(folder, body)


def peaks(found: dict[str, Any]) -> list[float]:
    """The peaks of a report in MiB."""
    assert "measured" == found["verdict"], found
    return [peak / (1 << 20) for _, peak in found["samples"]]


def test_memory_is_the_peak_of_each_size_alone(tmp_path: Path) -> None:
    """What was let go in between counts, what an earlier size took does not."""
    found = measured(tmp_path, "a = bytearray(b'x' * (size << 20)); del a", "(4, 8, 9)")
    assert [8, 16, 18] == [pytest.approx(peak, abs=3) for peak in peaks(found)]  # text and array at once
    assert found["cut"] is False


def test_memory_that_was_free_before_counts(tmp_path: Path) -> None:
    """What the program used and let go hides nothing of what comes after."""
    body = "def fill(size):\n    return [b'x' * 1000 + b'%d' % n for n in range(size << 10)]\n"
    body += "def control():\n    return len(fill(60)) > 0\n"
    body += "def attack():\n    return contract.memory(fill, (10, 20, 40))"
    assert [pytest.approx(size, rel=0.3) for size in (10, 20, 40)] == peaks(report(tmp_path, body))


def test_plenty_of_memory_ends_the_series(tmp_path: Path) -> None:
    """Enough is seen then."""
    assert 2 == len(peaks(measured(tmp_path, "a = b'x' * (size << 20)", "(1, 80, 160)")))


def test_memory_of_what_never_ends_is_cut(tmp_path: Path) -> None:
    """The sample says what was taken until then, and that it was cut."""
    work = "a = b'x' * (size << 20)\n    while size > 1: pass"
    found = measured(tmp_path, work, "(1, 20, 40)")
    assert 2 == len(peaks(found))
    assert found["cut"] is True
    assert peaks(found)[1] >= 19


@pytest.mark.parametrize("work", ["1 / 0", "raise SystemExit(0)", "import os; os._exit(0)", "import os; os.abort()"])
def test_work_that_fails_measures_nothing(tmp_path: Path, work: str) -> None:
    """An error or an early end in the process of a size is inconclusive."""
    assert "inconclusive" == measured(tmp_path, work, "(1, 2)")["verdict"]
