"""The user's own tests decide whether the requirements file is rewritten."""

import json
from pathlib import Path

import pytest

from avr.errors import ExitCode
from tests.e2e.world import NAME, World, make

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

SERVE = f"from {NAME} import resolve\n\n\ndef serve(name):\n    return resolve('/srv', name)\n"
FITS = "from app import serve\n\n\ndef test_serve():\n    assert serve('a') == '/srv/a'\n"
LEANS_ON_THE_HOLE = "\n\ndef test_neighbour():\n    assert serve('../other/a') == '/srv/../other/a'\n"


@pytest.fixture
def world(tmp_path: Path, shared_cache: Path) -> World:
    """A world with a project of the user's own beside it."""
    made = make(tmp_path, shared_cache)
    assert made.avr("feed", "import", "advisory.json").returncode == ExitCode.OK
    (made.folder / "mine").mkdir()
    (made.folder / "mine" / "app.py").write_text(SERVE)
    (made.folder / "mine" / "test_app.py").write_text(FITS)
    return made


def _project(world: World) -> dict[str, object]:
    found: dict[str, object] = json.loads((world.output / "report.json").read_text())["item"]["project"]
    return found


def test_a_project_that_fits_gets_its_file_rewritten(world: World) -> None:
    """Its tests ran with the pin and with the release, and the outputs are kept with the report."""
    done = world.avr("fix", "requirements.txt", "--project", "mine")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "the tests of mine: all 1 tests that passed before pass after" in done.stdout
    assert "avr.1" in world.requirements.read_text()
    assert _project(world)["verdict"] == "passed"
    assert list((world.output / "project").glob("*.log"))
    assert world.avr("verify", "avr-out").returncode == ExitCode.OK


def test_a_project_that_leans_on_the_hole_keeps_its_file(world: World) -> None:
    """The lost test is named, the release is there to look at, and the file is as it was."""
    with (world.folder / "mine" / "test_app.py").open("a") as file:
        file.write(LEANS_ON_THE_HOLE)
    before = world.requirements.read_bytes()
    done = world.avr("fix", "requirements.txt", "--project", "mine")
    assert done.returncode == ExitCode.FINDINGS, done.stdout + done.stderr
    assert "test_app::test_neighbour" in done.stdout
    assert "the project's own tests do not hold with the releases" in done.stdout
    assert world.requirements.read_bytes() == before
    assert (world.output / "wheels" / f"{NAME}-1.0+avr.1-py3-none-any.whl").exists()


def test_a_project_without_tests_is_no_evidence(world: World) -> None:
    """Nothing was shown, so nothing is rewritten."""
    (world.folder / "mine" / "test_app.py").unlink()
    before = world.requirements.read_bytes()
    done = world.avr("fix", "requirements.txt", "--project", "mine")
    assert done.returncode == ExitCode.FINDINGS, done.stdout + done.stderr
    assert "no evidence" in done.stdout
    assert world.requirements.read_bytes() == before


def test_a_project_that_is_no_folder_is_a_usage_error(world: World) -> None:
    """Before any work."""
    assert world.avr("fix", "requirements.txt", "--project", "none").returncode == ExitCode.USAGE
