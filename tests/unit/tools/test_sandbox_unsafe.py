"""Without isolation: only after the unsafe switch, told as such, and with the limits that need no isolation."""

import os
import time
from pathlib import Path

import pytest

from avr.errors import AvrError
from avr.tools import sandbox
from avr.tools.sandbox import Command, Completed, Mount
from avr.tools.sandbox.choice import _PERMISSION

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="without isolation avr has to be root to give up its rights"),
]

PYTHON = "/usr/bin/python3"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A machine on which no sandbox can be made, and a user who allowed to go on."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("bwrap", "podman"):
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.delenv("AVR_SANDBOX", raising=False)
    monkeypatch.setattr(_PERMISSION, "unsafe", True)


def python(program: str, *mounts: Mount, seconds: float = 20) -> Completed:
    """Run a Python program with 128 MiB of memory and 16 MiB of disk."""
    argv = (PYTHON, "-I", "-c", program)
    return sandbox.run(Command(argv=argv, mounts=mounts, seconds=seconds, memory=128 << 20, disk=16 << 20))


def test_the_facts_say_that_nothing_is_isolated() -> None:
    """Evidence carries the facts."""
    assert sandbox.NOT_ISOLATED == sandbox.facts()["sandbox"]
    assert sandbox.problem() is None


def test_without_the_switch_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same machine without the user's word."""
    monkeypatch.setattr(_PERMISSION, "unsafe", False)
    with pytest.raises(AvrError, match="no sandbox is available"):
        python("print('ran')")


def test_output_environment_and_exit_code_are_those_of_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sees no variable of the caller."""
    monkeypatch.setenv("AVR_TEST_SECRET", "hunter2")
    done = sandbox.run(Command(argv=("/bin/sh", "-c", "env; echo err >&2; exit 7"), env={"GIVEN": "yes"}))
    expected = ["GIVEN=yes", "HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin:/bin", "PWD=/tmp", "TMPDIR=/tmp", "err"]
    assert (7, expected) == (done.exit_code, sorted(done.text.splitlines()))


def test_mounts_are_there_for_the_time_of_the_command(tmp_path: Path) -> None:
    """They are links, and gone afterwards; what is written comes back."""
    results = tmp_path / "results"
    results.mkdir(mode=0o700)
    mount = Mount(source=results, target="/opt/avr-unsafe-test/results", writable=True)
    done = python("open('/opt/avr-unsafe-test/results/new', 'w').write('made')", mount)
    assert (0, "made") == (done.exit_code, (results / "new").read_text())
    assert not Path("/opt/avr-unsafe-test").exists()


def test_a_read_only_mount_belongs_to_somebody_else(tmp_path: Path) -> None:
    """Not the mount but the missing rights hold writers back."""
    done = python("open('/avr-unsafe-given/new', 'w')", Mount(source=tmp_path, target="/avr-unsafe-given"))
    assert (1, []) == (done.exit_code, list(tmp_path.iterdir()))


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    """A target that the host has is an error and never replaced."""
    with pytest.raises(AvrError, match="is there") as caught:
        python("print('ran')", Mount(source=tmp_path, target="/usr/share/doc"))
    assert "sandbox.unsafe" == caught.value.code


def test_rights_are_given_up() -> None:
    """No capabilities, no way to new ones, and no user that owns anything."""
    done = python("print(open('/proc/self/status').read())")
    lines = dict(line.split(":\t", 1) for line in done.text.splitlines() if ":\t" in line)
    assert ("0" * 16, "0" * 16, "1") == (lines["CapEff"], lines["CapBnd"], lines["NoNewPrivs"])
    assert "0" not in lines["Uid"].split()


def test_time_is_limited_for_all_that_was_started() -> None:
    """Sessions of their own and deaf ears help nobody."""
    program = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0: os.setsid()\n"
        "print('up', flush=True)\n"
        "time.sleep(600)"
    )
    started = time.monotonic()
    done = python(program, seconds=1)
    assert (None, "timeout", "up\nup\n") == (done.exit_code, done.problem, done.text)
    assert time.monotonic() - started < 5


def test_what_a_program_leaves_is_gone() -> None:
    """A process in the background ends with its command, and its files in shared folders go."""
    script = "touch /tmp/avr-unsafe-left /dev/shm/avr-unsafe-left; sleep 600 & exit 0"
    done = sandbox.run(Command(argv=("/bin/sh", "-c", script), seconds=30))
    assert (0, "", True) == (done.exit_code, done.problem, done.seconds < 5)
    assert not Path("/tmp/avr-unsafe-left").exists()
    assert not Path("/dev/shm/avr-unsafe-left").exists()


def test_memory_and_output_are_limited() -> None:
    """The limits that need no isolation hold."""
    assert "got it" not in python("x = bytearray(1 << 30)\nprint('got it')").text
    done = sandbox.run(Command(argv=("/bin/sh", "-c", "echo begin; yes"), seconds=1))
    assert ("timeout", True) == (done.problem, len(done.output) < (4 << 20) + 100)
