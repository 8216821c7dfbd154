"""Sandboxes by a container engine, for machines where bubblewrap cannot be used.

The command waits inside until its first process was put into our own control group; the engine's is left, so that
limits are held and read in one place for all backends. A process of the host removes the container when avr says so,
and also when avr is no more.
"""

import contextlib
import functools
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from avr.errors import AvrError
from avr.tools.sandbox import install, podman, seccomp, users
from avr.tools.sandbox.backend import Given, Session
from avr.tools.sandbox.cgroups import group
from avr.tools.sandbox.command import Command
from avr.tools.sandbox.podman import Engine
from avr.tools.sandbox.watching import Watch

NAME = "container"
_VARIANTS = ((), ("--runtime", "runc", "--cgroup-manager", "cgroupfs"), ("--cgroup-manager", "cgroupfs"))
"""Ways to call podman, of which the first that works is taken: its own choice, and what works without systemd."""
_LIFELINE = """read -r end
for wait in 0 1 2 4 8; do
    sleep $wait
    "$@" && [ -n "$end" ] && exit 0
    [ "$end" = once ] && exit 1
done
exit 1"""
"""Waits for a word, or for the end of whoever would say it. Podman may be too busy to remove a container at once; and
without the word the container may only just come to be, so that it is tried each time. `once` is said where podman
ended before there was a first process."""
_ANSWERS_WITHIN = 60.0
_OWN_CODES = (125, 126, 127)
"""Exit codes that podman uses itself, https://docs.podman.io/en/latest/markdown/podman-run.1.html#exit-status."""


@dataclass(frozen=True, slots=True)
class Container:
    """The backend that is taken where bubblewrap does not work."""

    name: str = NAME

    def problem(self) -> str | None:
        """Why it cannot be used here, with the command that helps; None where it can."""
        if shutil.which("podman") is None:
            return f"podman not found on PATH; install with: {install.command('podman runc')}"
        try:
            _engine()
        except AvrError as error:
            return error.message
        return None

    def facts(self) -> dict[str, str]:
        """What holds the sandbox together."""
        engine = _engine()
        with_options = f" {' '.join(engine.options)}" if engine.options else ""
        rights = "an unclaimed user id" if users.choose().dropped else "user namespace of the engine"
        calls = "small deny list" if seccomp.profile() else "the engine's own list (unknown processor)"
        return {"sandbox": f"container by {engine.version}{with_options}", "rights": rights, "system calls": calls}

    def shares_memory_limit(self) -> bool:
        """Whether containers can be moved into our own control group."""
        return _engine().joins

    def session(self, given: Given) -> contextlib.AbstractContextManager[Session]:
        """A session; the container is removed when the context ends."""
        return _session(_engine(), given)


def _engine() -> Engine:
    """The engine that works here; raises `AvrError` `sandbox.unavailable`."""
    return _found(os.environ.get("PATH", ""))


@functools.lru_cache(maxsize=8)
def _found(path: str) -> Engine:
    """Looked for once for each value of PATH, since a look takes a second; that there is none is not remembered."""
    program = shutil.which("podman", path=path)
    if program is None:
        raise AvrError("sandbox.unavailable", "no podman on PATH", hint=install.command("podman runc"))
    said = ""
    for options in _VARIANTS:
        engine = Engine(program=program, options=options)
        try:
            return replace(engine, joins=_tried(engine), version=_version(engine))
        except (AvrError, OSError, subprocess.TimeoutExpired) as error:
            said = said or str(error)
    hint = f"{install.command('podman runc')}; see avr doctor"
    raise AvrError("sandbox.unavailable", f"podman cannot make a sandbox here: {said}", hint=hint)


def _tried(engine: Engine) -> bool:
    """Whether a container's process can be moved into our own group; raises where there can be no container."""
    command = Command(argv=("/usr/bin/true",), seconds=30)
    with (
        group(memory=command.memory, processes=command.processes) as limits,
        tempfile.TemporaryDirectory(prefix="avr-box-") as folder,
    ):
        given = Given(command=command, user=users.choose(), limits=limits, folder=Path(folder))
        with _session(engine, given) as session:
            done = Watch(command=command, limits=limits, session=session).run()
            assert isinstance(session, _Session)
            if done.exit_code != 0:
                raise AvrError("sandbox.failed", f"a first command ended with {done.exit_code} {done.text!r}")
            return session.joined


def _version(engine: Engine) -> str:
    done = subprocess.run(
        [engine.program, "--version"], capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout.strip().replace(" version ", " ")


@contextlib.contextmanager
def _session(engine: Engine, given: Given) -> Iterator["_Session"]:
    environ = podman.environment(given.folder)
    name = f"avr-{secrets.token_hex(8)}"
    session = _Session(engine=engine, given=given, name=name, environ=environ)
    try:
        yield session
    finally:
        session.kill()


@dataclass(slots=True, kw_only=True)
class _Session:
    """One container, and the process that removes it."""

    engine: Engine
    given: Given
    name: str
    environ: dict[str, str]
    lifeline: subprocess.Popen[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None
    pid: int | None = None
    joined: bool = True

    def start(self) -> subprocess.Popen[bytes]:
        line = podman.run(self.engine, self.given, self.name)
        self.lifeline = self._hold()
        with self._said.open("wb") as said:
            process = subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
                env=self.environ,
            )
        self.process = process
        try:
            self.pid = self._wait(process)
            if self.pid is not None:
                self._join(self.pid)
                _say(process, b"go\n")
        except BaseException:
            process.kill()
            process.wait()
            raise
        return process

    def status(self) -> int | None:
        return None

    def take(self, data: bytes) -> None:
        """Podman says nothing on the way."""

    def first_process(self) -> int | None:
        return self.pid

    def kill(self) -> None:
        """Remove the container with everything that runs in it."""
        holder, self.lifeline = self.lifeline, None
        if holder is None:
            return
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        _say(holder, b"end\n" if self.pid is not None else b"once\n")
        removed = _ended_well(holder)
        if self.pid is not None and not removed:
            hint = f"podman rm --force {self.name}"
            raise AvrError("sandbox.failed", f"the container {self.name} could not be removed", hint=hint)

    def exit_code(self, process: subprocess.Popen[bytes]) -> int | None:
        if self.pid is None or process.returncode < 0:
            return None
        return self._ended_with() if process.returncode in _OWN_CODES else process.returncode

    def failure(self, process: subprocess.Popen[bytes], output: bytes) -> AvrError:
        text = self._said.read_bytes()[-2000:] + output[-2000:]
        said = text.decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else f"exit code {process.returncode}"
        return AvrError("sandbox.failed", f"the container ended without a result: {last!r}", hint="see avr doctor")

    @property
    def _said(self) -> Path:
        """What podman itself says; the command's own output comes by another way."""
        return self.given.folder / "said"

    def _hold(self) -> subprocess.Popen[bytes]:
        remove = self.engine.line("rm", "--force", "--ignore", self.name)
        return subprocess.Popen(
            ["/bin/sh", "-c", _LIFELINE, "avr-lifeline", *remove],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=self.environ,
        )

    def _wait(self, process: subprocess.Popen[bytes]) -> int | None:
        """The first process's number as soon as there is one; None where podman ended before."""
        path = podman.pid_file(self.given.folder)
        until = time.monotonic() + _ANSWERS_WITHIN
        while time.monotonic() < until:
            with contextlib.suppress(OSError, ValueError):
                return int(path.read_text(encoding="ascii"))
            if process.poll() is not None:
                return None
            time.sleep(0.005)
        raise AvrError("sandbox.failed", "podman did not start a container in time", hint="see avr doctor")

    def _join(self, pid: int) -> None:
        """Put the waiting process into our own control group; raises `AvrError` where that worked at first."""
        try:
            for path in self.given.limits.procs_files:
                Path(path).write_text(str(pid), encoding="ascii")
        except OSError as error:
            self.joined = False
            if self.engine.version and self.engine.joins:
                raise AvrError("sandbox.failed", f"no control group for the container: {error}") from error

    def _ended_with(self) -> int | None:
        line = self.engine.line("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", self.name)
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL, env=self.environ
        )
        status, _, code = done.stdout.strip().partition(" ")
        return int(code) if done.returncode == 0 and status in {"exited", "stopped"} else None


def _ended_well(holder: subprocess.Popen[bytes]) -> bool:
    """Wait for the process that removes the container."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        holder.communicate(timeout=_ANSWERS_WITHIN)
    return holder.returncode == 0


def _say(process: subprocess.Popen[bytes], word: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(word)
        process.stdin.flush()
