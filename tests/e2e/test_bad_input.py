"""Bad input and a broken world: a clear message, the documented exit code, the others go on, the file is untouched."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from avr.errors import ExitCode
from tests.e2e.world import NAME, World, make

pytestmark = [pytest.mark.sandbox, pytest.mark.index]


@pytest.fixture
def world(tmp_path: Path, shared_cache: Path) -> World:
    """A fresh world with the advisory imported."""
    made = make(tmp_path, shared_cache)
    assert made.avr("feed", "import", "advisory.json").returncode == ExitCode.OK
    return made


def _advise(world: World, package: str) -> None:
    """Import an advisory that names every version of `package`."""
    record = {
        "id": f"GHSA-{package}",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
            }
        ],
    }
    (world.folder / "more.json").write_text(json.dumps(record))
    assert world.avr("feed", "import", "more.json").returncode == ExitCode.OK


def _sdist(world: World, name: str, member: str, *, link: str | None = None, size: int = 3) -> None:
    """A source archive with one good and one hostile member."""
    with tarfile.open(world.folder / "index" / f"{name}-1.0.tar.gz", "w:gz") as archive:
        for path, data in ((f"{name}-1.0/PKG-INFO", b"Name: x\n"), (member, b"\0" * size)):
            info = tarfile.TarInfo(path)
            if link is not None and path == member:
                info.type, info.linkname = tarfile.SYMTYPE, link
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))


def _states(world: World) -> dict[str, tuple[str, str]]:
    report = json.loads((world.output / "report.json").read_text())["item"]
    return {
        component["component"]["name"]: (component["findings"][0]["state"], component["findings"][0]["code"])
        for component in report["components"]
    }


def test_a_missing_file_is_a_usage_error(world: World) -> None:
    """The message names the file."""
    done = world.avr("fix", "nowhere.txt")
    assert (ExitCode.USAGE, True) == (done.returncode, "nowhere.txt" in done.stderr)
    assert "hint:" in done.stderr


def test_a_binary_file_is_a_usage_error(world: World) -> None:
    """What cannot be read as requirements is refused before any work."""
    (world.folder / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8" * 10)
    done = world.avr("fix", "bad.txt")
    assert ExitCode.USAGE == done.returncode
    assert "Traceback" not in done.stderr


def test_neither_target_nor_plan_is_a_usage_error(world: World) -> None:
    """`avr fix` alone says what to give."""
    done = world.avr("fix")
    assert (ExitCode.USAGE, True) == (done.returncode, "avr fix requirements.txt" in done.stderr)


def test_unpinned_and_url_entries_are_named_and_passed_over(world: World) -> None:
    """They do not stop the pinned ones."""
    world.requirements.write_text(f"flask>=1\nthing @ https://example.invalid/thing.zip\n{NAME}==1.0\n")
    done = world.avr("fix", "requirements.txt", "--dry-run")
    assert ExitCode.OK == done.returncode, done.stdout + done.stderr
    assert "flask>=1" in done.stderr
    assert "example.invalid" in done.stderr
    assert "fixed" == _states(world)[NAME][0]


@pytest.mark.parametrize(
    ("name", "member", "link", "size", "code"),
    [
        ("evilpath", "evilpath-1.0/../../../../tmp/owned", None, 3, "archive.path"),
        ("evillink", "evillink-1.0/passwd", "/etc/passwd", 0, "archive.link"),
        ("evilbomb", "evilbomb-1.0/zeros", None, 64 << 20, "archive.bomb"),
    ],
)
def test_a_hostile_archive_fails_alone(
    world: World, name: str, member: str, link: str | None, size: int, code: str
) -> None:
    """The hostile one fails with its code; the other component is still fixed."""
    _sdist(world, name, member, link=link, size=size)
    _advise(world, name)
    world.requirements.write_text(f"{name}==1.0\n{NAME}==1.0\n")
    done = world.avr("fix", "requirements.txt", "--dry-run")
    assert ExitCode.FINDINGS == done.returncode, done.stdout + done.stderr
    assert {name: ("failed", code), NAME: ("fixed", "fixed")} == _states(world)


def test_an_unknown_package_fails_alone(world: World) -> None:
    """A name that no index has is told as such."""
    name = "avr-no-such-package-anywhere"
    _advise(world, name)
    world.requirements.write_text(f"{name}==1.0\n{NAME}==1.0\n")
    done = world.avr("fix", "requirements.txt", "--dry-run")
    assert ExitCode.FINDINGS == done.returncode
    assert {name: ("failed", "registry.unknown-package"), NAME: ("fixed", "fixed")} == _states(world)


def test_a_release_with_compiled_wheels_only_fails_alone(world: World) -> None:
    """There is no source to patch, and the message says so."""
    (world.folder / "index" / "onlywheel-1.0-cp311-cp311-manylinux1_x86_64.whl").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    _advise(world, "onlywheel")
    world.requirements.write_text("onlywheel==1.0\n")
    done = world.avr("fix", "requirements.txt")
    assert (ExitCode.FINDINGS, ("failed", "registry.no-source")) == (done.returncode, _states(world)["onlywheel"])
    assert "onlywheel==1.0\n" == world.requirements.read_text()


def test_a_malformed_advisory_is_reported_and_the_rest_imported(world: World) -> None:
    """One bad record does not lose the others."""
    folder = world.folder / "feed"
    folder.mkdir()
    (folder / "bad.json").write_text('{"id": 3}')
    (folder / "good.json").write_text((world.folder / "advisory.json").read_text())
    done = world.avr("feed", "import", "feed")
    assert "bad.json" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_index_fails_the_component(world: World) -> None:
    """The message says what could not be reached; the file stays."""
    _advise(world, "requests")
    world.requirements.write_text("requests==2.0.0\n")
    environment = {
        **world.environment,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "AVR_CACHE": str(world.folder / "c"),
    }
    environment.pop("PIP_FIND_LINKS")
    done = World(folder=world.folder, environment=environment).avr("fix", "requirements.txt", "--only", "GHSA-requests")
    assert (ExitCode.FINDINGS, ("failed", "registry.unreachable")) == (done.returncode, _states(world)["requests"])
    assert "requests==2.0.0\n" == world.requirements.read_text()


def test_without_a_sandbox_nothing_is_called_fixed(world: World) -> None:
    """No bubblewrap: the finding needs review, and doctor names the package to install."""
    bare = world.folder / "bin"
    bare.mkdir()
    for name in ("git", "sh", "env"):
        found = next(Path(each) / name for each in os.environ["PATH"].split(":") if (Path(each) / name).exists())
        (bare / name).symlink_to(found)
    environment = {**world.environment, "PATH": str(bare), "AVR_CACHE": str(world.folder / "c")}
    lonely = World(folder=world.folder, environment=environment)
    done = lonely.avr("fix", "requirements.txt")
    assert ExitCode.FINDINGS == done.returncode, done.stdout + done.stderr
    assert "needs_review" == _states(world)[NAME][0]
    assert "avr.1" not in world.requirements.read_text()
    doctor = lonely.avr("doctor")
    assert (ExitCode.ENVIRONMENT, True) == (doctor.returncode, "bubblewrap" in doctor.stdout)


def test_an_interrupted_run_leaves_the_file_alone(world: World) -> None:
    """Ctrl-C in the middle: exit 130, the file as it was, and the next run goes on."""
    before = world.requirements.read_bytes()
    command = [sys.executable, "-m", "avr", "fix", "requirements.txt"]
    running = subprocess.Popen(
        command, cwd=world.folder, env=world.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "patch" in line or "validate" in line:
            break
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert (130, before) == (running.returncode, world.requirements.read_bytes())
    assert "Traceback" not in errors
    assert ExitCode.OK == world.avr("fix", "requirements.txt").returncode


def test_a_folder_that_cannot_be_written_is_told(world: World) -> None:
    """An output path under a file ends with a message and the environment's exit code."""
    (world.folder / "blocked").write_text("")
    done = world.avr("fix", "requirements.txt", "--output", "blocked/out")
    assert (ExitCode.ENVIRONMENT, True) == (done.returncode, "output.unwritable" in done.stderr)
    assert "avr.1" not in world.requirements.read_text()
