"""Code that stands in an advisory's text: it proves a fix where it was calibrated, and else says nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from avr.errors import ExitCode
from avr.stages.deliver import layout
from tests.e2e.world import ADVISORY, NAME, World, make

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

PROSE = "Names are joined without a look at them"
READS = f"""from {NAME} import resolve

print(open(resolve("/usr/lib", "../../etc/passwd")).read())
"""
PRINTS = f"""import {NAME}

print({NAME}.resolve("/srv", "../etc/secrets"))
"""


def _fixed(folder: Path, cache: Path, code: str) -> tuple[World, dict[str, Any]]:
    """The world after `avr fix` by a record whose text has `code`, and the component's report."""
    world = make(folder, cache)
    record = json.loads((folder / "advisory.json").read_text())
    record["details"] = f"### Impact\n\n{PROSE}.\n\n### PoC\n\n```python\n{code}```\n"
    (folder / "advisory.json").write_text(json.dumps(record))
    assert world.avr("feed", "import", "advisory.json").returncode == ExitCode.OK
    done = world.avr("fix", "requirements.txt", "--dry-run")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    report: dict[str, Any] = json.loads((world.output / "report.json").read_text())["item"]["components"][0]
    return world, report


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> tuple[World, dict[str, Any]]:
    """Fixed by the code that reads a file outside."""
    return _fixed(tmp_path_factory.mktemp("quoted"), shared_cache, READS)


def test_code_that_tells_the_releases_apart_passes_g5(proved: tuple[World, dict[str, Any]]) -> None:
    """It reads the secret on the pin, upstream's release refuses it, and so does the patched pin."""
    (g5,) = [each for each in proved[1]["evidence"] if each["gate"] == "G5"]
    assert ("passed", "advisory text", "read") == (g5["verdict"], g5["facts"]["origin"], g5["facts"]["signal"])
    assert "fires on 1.0, is blocked on upstream's 1.1" == g5["facts"]["calibrated"]
    assert {"pin-1", "pin-2", "fixed-1", "fixed-2", "program"} <= g5["logs"].keys()


def test_the_text_stays_at_home(proved: tuple[World, dict[str, Any]]) -> None:
    """No document quotes the prose; the code stands in the program alone."""
    files = [path for path in proved[0].output.rglob("*") if path.is_file()]
    assert [] == [path.name for path in files if PROSE.encode() in path.read_bytes()]
    quoting = {path.suffix for path in files if b"../../etc/passwd" in path.read_bytes()}
    assert {".log", ".zip"} == quoting


def test_the_folder_and_the_capsule_prove_it_again(proved: tuple[World, dict[str, Any]]) -> None:
    """The program travels as those of the library do, and whoever runs it is told where the code is from."""
    world, _ = proved
    held = world.avr("verify", str(world.output), "--rerun")
    assert (ExitCode.OK, True) == (held.returncode, "1 run code that is said" in held.stdout), held.stdout + held.stderr
    capsule = next(world.output.rglob("*.capsule.zip"))
    done = world.avr("prove", str(capsule), "--key", str(world.output / layout.PUBLIC_KEY), "--format", "json")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    (advisory,) = shown["advisories"]
    assert ("proved", True) == (shown["result"], f"{ADVISORY.lower()}_{NAME}.py" in advisory["seen"])
    assert any("proof-of-concept code" in each for each in shown["warnings"])


def test_code_that_only_prints_is_no_evidence(tmp_path: Path, shared_cache: Path) -> None:
    """What it prints differs, which may mean anything: the fix stands on its tests alone."""
    _, report = _fixed(tmp_path, shared_cache, PRINTS)
    (g5,) = [each for each in report["evidence"] if each["gate"] == "G5"]
    assert ("no_evidence", "A3") == (g5["verdict"], report["findings"][0]["assurance"])
    assert "nothing that can be seen from outside happens on the pin" in g5["summary"]
    assert {"pin-1-1", "fixed-1-1"} <= g5["logs"].keys()
