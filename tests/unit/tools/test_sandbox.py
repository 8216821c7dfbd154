"""The sandbox holds programs that try to get out or to use up the machine."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from avr.tools import sandbox
from avr.tools.sandbox import Command, Completed, Mount

pytestmark = pytest.mark.sandbox

PYTHON = "/usr/bin/python3"


@pytest.fixture(
    params=["bubblewrap", pytest.param("container", marks=pytest.mark.container)],
    autouse=True,
    scope="module",
)
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every test here runs over every backend."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVR_SANDBOX", request.param)
        if request.param == "container" and (why := sandbox.problem()) is not None:
            pytest.skip(why)
        yield str(request.param)


def python(program: str, *, seconds: float = 20, mounts: tuple[Mount, ...] = (), processes: int = 64) -> Completed:
    """Run a Python program of the system's interpreter with 128 MiB of memory and 16 MiB of disk."""
    return sandbox.run(
        Command(
            argv=(PYTHON, "-I", "-c", program),
            mounts=mounts,
            seconds=seconds,
            memory=128 << 20,
            disk=16 << 20,
            processes=processes,
        )
    )


def test_the_backend_that_was_asked_for_works_here(backend: str) -> None:
    """The machine that runs these tests has what the sandbox needs, and the facts name what ran."""
    assert sandbox.problem() is None
    assert sandbox.facts()["sandbox"].startswith(backend)


def test_output_and_exit_code_come_back() -> None:
    """Standard output and error arrive in the order in which they were written, with the program's own exit code."""
    done = sandbox.run(Command(argv=("/bin/sh", "-c", "echo out; echo err >&2; exit 7")))
    assert (7, "out\nerr\n", "") == (done.exit_code, done.text, done.problem)


def test_a_listener_of_the_host_is_out_of_reach() -> None:
    """A server on the host's loopback is refused: the sandbox has a loopback of its own and no other network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = python(f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})))")
    assert "111" == done.text.strip()


def test_an_abstract_socket_of_the_host_is_out_of_reach() -> None:
    """Abstract unix sockets belong to the network namespace as well."""
    name = f"\0avr-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        done = python(f"import socket; print(socket.socket(socket.AF_UNIX).connect_ex({name!r}))")
    assert "111" == done.text.strip()


@pytest.mark.parametrize("path", [str(Path.home()), "/root", "/home", "/etc/shadow", "/var"])
def test_files_of_the_host_are_out_of_sight(path: str) -> None:
    """Home folders, keys and password hashes cannot be read."""
    done = python(f"import os\ntry: print(os.listdir({path!r}))\nexcept OSError as error: print(type(error).__name__)")
    assert done.text.strip() in {"FileNotFoundError", "PermissionError"}


def test_the_first_process_sees_no_more_of_the_disk() -> None:
    """The way over another process's root leads nowhere else."""
    program = "import os\ntry: print(os.listdir('/proc/1/root') == os.listdir('/'))\nexcept OSError: print(True)"
    done = python(program)
    assert "True" == done.text.strip()


def test_a_folder_that_only_the_owner_may_enter_can_be_mounted(tmp_path: Path) -> None:
    """Interpreters below a private home are shown inside without opening the home itself."""
    private = tmp_path / "private"
    (private / "inner").mkdir(parents=True)
    (private / "inner" / "file").write_text("content")
    private.chmod(0o700)
    mount = Mount(source=private / "inner", target="/opt/deep/inner")
    assert "content" == python("print(open('/opt/deep/inner/file').read())", mounts=(mount,)).text.strip()


def test_a_read_only_mount_cannot_be_written(tmp_path: Path) -> None:
    """Dependencies are shared between runs, so that no run may change them."""
    tmp_path.chmod(0o777)
    mount = Mount(source=tmp_path, target="/given")
    done = python("open('/given/new', 'w')", mounts=(mount,))
    assert (1, []) == (done.exit_code, list(tmp_path.iterdir()))
    assert "Read-only file system" in done.text


def test_a_writable_mount_brings_files_back(tmp_path: Path) -> None:
    """The one way out for results is a folder made for the run."""
    folder = tmp_path / "results"
    folder.mkdir(mode=0o700)
    done = python(
        "open('/results/new', 'w').write('made')", mounts=(Mount(source=folder, target="/results", writable=True),)
    )
    assert (0, "made") == (done.exit_code, (folder / "new").read_text())


@pytest.mark.parametrize("path", ["/new", "/usr/new", "/etc/new", "/dev/new", "/opt/new"])
def test_nothing_else_can_be_written(path: str) -> None:
    """Only /tmp, /dev/shm and writable mounts take files."""
    done = python(f"open({path!r}, 'w')", mounts=(Mount(source=Path("/etc"), target="/opt/x"),))
    assert 1 == done.exit_code


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the caller's environment is passed on."""
    monkeypatch.setenv("AVR_TEST_SECRET", "hunter2")
    done = sandbox.run(Command(argv=("/usr/bin/env",), env={"GIVEN": "yes"}))
    expected = ["GIVEN=yes", "HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin:/bin", "PWD=/tmp", "TMPDIR=/tmp"]
    assert expected == sorted(done.text.splitlines())


def test_no_rights_are_left() -> None:
    """Inside there are no capabilities, no way to new ones and no user that owns anything of the host."""
    done = python("print(open('/proc/self/status').read())")
    lines = dict(line.split(":\t", 1) for line in done.text.splitlines() if ":\t" in line)
    assert ("0" * 16, "0" * 16, "1") == (lines["CapEff"], lines["CapBnd"], lines["NoNewPrivs"])
    assert "0" not in lines["Uid"].split()


def test_no_descriptor_of_the_caller_is_passed_on() -> None:
    """Inside only the standard streams are open."""
    done = python("import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:-1])")
    assert "[0, 1, 2]" == done.text.strip()


def test_a_program_that_ignores_the_polite_signal_is_ended() -> None:
    """The time limit holds for programs that ignore SIGTERM, and for what they started in a session of its own."""
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


def test_what_a_program_leaves_running_is_ended() -> None:
    """A background process neither outlives its command nor delays the answer."""
    done = sandbox.run(Command(argv=("/bin/sh", "-c", "sleep 600 & exit 0"), seconds=30))
    assert (0, "") == (done.exit_code, done.problem)
    assert done.seconds < 5


def test_nothing_outlives_an_avr_that_is_killed(tmp_path: Path) -> None:
    """What runs in a sandbox ends with avr, also where avr cannot clean up behind itself."""
    marker = f"6{secrets.randbelow(10**9):09d}"
    program = (
        f"from avr.tools import sandbox\nsandbox.run(sandbox.Command(argv=('/usr/bin/sleep', '{marker}'), seconds=300))"
    )
    caller = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        assert until(lambda: sleeping(marker)), "the command never came up"
    finally:
        caller.kill()
        caller.wait()
    assert until(lambda: not sleeping(marker)), "the command is still there"


def sleeping(marker: str) -> bool:
    """Whether a process of the host sleeps for as many seconds as `marker` says."""
    wanted = f"sleep\0{marker}\0".encode()
    return any(each.endswith(wanted) and len(each) < 64 for each in command_lines())


def command_lines() -> Iterator[bytes]:
    """The command lines of all processes of the host."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def test_a_fork_bomb_is_stopped() -> None:
    """Processes without end run into the limit, then into the time limit; the machine stays usable."""
    program = (
        "import os, time\n"
        "made = 0\n"
        "while True:\n"
        "    try:\n"
        "        if os.fork() == 0: time.sleep(600)\n"
        "        made += 1\n"
        "    except OSError:\n"
        "        print(made < 40, flush=True); time.sleep(600)"
    )
    done = python(program, seconds=2, processes=40)
    assert ("timeout", "True") == (done.problem, done.text.strip())


def test_a_memory_hog_is_stopped() -> None:
    """Memory beyond the limit ends the program; with a control group the reason is told."""
    done = python("x = bytearray(1 << 30)\nprint('got it')")
    assert 0 != done.exit_code
    assert "got it" not in done.text
    if "cgroup" in sandbox.facts()["limits"]:
        assert "memory" == done.problem


def test_a_full_temporary_folder_is_told() -> None:
    """The private /tmp holds as much as was given and not more."""
    program = (
        "import time\n"
        "try:\n"
        "    for n in range(100): open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))\n"
        "except OSError: print(n, flush=True); time.sleep(1); raise"
    )
    done = python(program)
    assert ("disk", True) == (done.problem, 14 <= int(done.text.split()[0]) <= 16)


def test_a_filler_of_a_writable_mount_is_stopped(tmp_path: Path) -> None:
    """A mount on the host's disk is measured from outside."""
    program = "import itertools\nfor n in itertools.count(): open(f'/results/{n}', 'wb').write(bytes(1 << 20))"
    done = python(program, mounts=(Mount(source=tmp_path, target="/results", writable=True),))
    assert (None, "disk") == (done.exit_code, done.problem)


def test_a_single_huge_file_is_stopped(tmp_path: Path) -> None:
    """One file may not be larger than the disk that was given."""
    program = "open('/results/x', 'wb').truncate(1 << 40)"
    done = python(program, mounts=(Mount(source=tmp_path, target="/results", writable=True),))
    assert 0 != done.exit_code
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size <= 16 << 20


def test_endless_output_is_bounded() -> None:
    """Of output without end the beginning and the end are kept."""
    done = sandbox.run(Command(argv=("/bin/sh", "-c", "echo begin; yes"), seconds=1))
    assert ("timeout", True) == (done.problem, done.output.startswith(b"begin\n"))
    assert len(done.output) < (4 << 20) + 100


def test_no_further_user_namespace_can_be_made() -> None:
    """A user namespace would give back capabilities over a wide kernel surface."""
    done = sandbox.run(Command(argv=("/usr/bin/unshare", "--user", "/usr/bin/true")))
    assert 0 != done.exit_code


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("socket.socket(40, socket.SOCK_STREAM)", "97"),  # AF_VSOCK, which no network namespace holds back
        ("check(libc.syscall(425, 8, 0))", "1"),  # io_uring_setup
        ("check(libc.unshare(0x10000000))", "1"),
        ("check(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))", "1"),
        ("check(libc.syscall(435, 0, 0))", "38"),  # clone3
        ("check(libc.syscall(56 if os.uname().machine == 'x86_64' else 220, 0x10000011, 0, 0, 0, 0))", "1"),  # clone
    ],
)
def test_calls_that_only_escapes_need_are_refused(call: str, error: str) -> None:
    """The filter answers with an error instead of ending the program, so that libraries fall back."""
    program = (
        "import ctypes, os, socket\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def check(result):\n"
        "    if result < 0: raise OSError(ctypes.get_errno(), '')\n"
        f"try: {call}; print('allowed')\n"
        "except OSError as error: print(error.errno)"
    )
    assert python(program).text.strip() == error


def test_the_numbers_of_another_interface_are_refused() -> None:
    """x32 has numbers of its own for the same calls, which a list of the ordinary ones would let through."""
    if os.uname().machine != "x86_64":
        program = "print('refused')"
    else:
        program = (
            "import ctypes\n"
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            "done = libc.syscall(0x40000000 + 165, b'none', b'/tmp', b'tmpfs', 0, None)\n"
            "print('refused' if done else 'allowed')"
        )
    done = python(program)
    assert "refused" == done.text.strip() or done.exit_code == 128 + 31  # SIGSYS


@pytest.mark.skipif(os.geteuid() != 0, reason="without root the first process has the same user as all others")
def test_the_first_process_cannot_be_traced() -> None:
    """Whoever traced it could write the exit code; root gives it another user, or a program that cannot be read."""
    program = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print('allowed' if libc.ptrace(16, 1, 0, 0) == 0 else ctypes.get_errno())"  # PTRACE_ATTACH
    )
    assert "1" == python(program).text.strip()


def test_threads_and_child_processes_work() -> None:
    """The filter lets ordinary programs start threads and processes."""
    program = (
        "import subprocess, threading\n"
        "thread = threading.Thread(target=print, args=('thread',), kwargs={'flush': True})\n"
        "thread.start(); thread.join()\n"
        "subprocess.run(['echo', 'process'], check=True)"
    )
    assert python(program).text == "thread\nprocess\n"


def test_a_missing_program_is_an_ordinary_failure() -> None:
    """A program that is not there ends with the shell's own code for that."""
    assert 127 == sandbox.run(Command(argv=("/nonexistent/program",))).exit_code


@pytest.mark.parametrize("target", ["relative", "/", "/proc/x", "/dev", "/a/../b", "/a//b"])
def test_a_mount_over_what_the_sandbox_provides_is_a_mistake(target: str) -> None:
    """Targets are absolute, normalised and not the sandbox's own."""
    with pytest.raises(AssertionError):
        Mount(source=Path("/etc"), target=target)
