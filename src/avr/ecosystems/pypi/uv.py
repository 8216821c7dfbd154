"""uv as resolver and unpacker of wheels, https://docs.astral.sh/uv/; it never builds anything here.

Source distributions are refused (`--only-binary :all:`), because building one runs its code; see `wheels.py`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from avr.ecosystems.pypi.interpreters import Interpreter
from avr.errors import AvrError

_NO_WHEEL = re.compile(r"Wheels are required for `([^`]+)`")
_NOT_FOUND = re.compile(r"\b(\S+) was not found in the package registry")
_NETWORK = re.compile(
    r"(?i)(failed to fetch|dns error|error sending request|connection refused|timed out|client error)"
)
_PASSED_ON = ("PATH", "HOME", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "NO_PROXY", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why there is no solution: what uv said, packages without a usable wheel, packages that no index has."""

    message: str
    without_wheel: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Uv:
    """The uv program with its cache and the user's own index configuration, as environment variables."""

    cache: Path
    index: Mapping[str, str] = field(default_factory=dict, repr=False)

    def resolve(
        self,
        requirements: Iterable[str],
        interpreter: Interpreter,
        *,
        until: datetime | None = None,
        later: Mapping[str, datetime] | None = None,
        wheels: Path | None = None,
    ) -> tuple[str, ...] | Unresolved:
        """The pinned lines of a lock for `interpreter`, with hashes, from what was uploaded before `until`.

        `later` lifts the limit for single packages, `wheels` is a folder of our own ones. Raises `AvrError`
        `registry.unreachable` where the index gives no answer.
        """
        limits = [] if until is None else ["--exclude-newer", _day(until)]
        for name, when in (later or {}).items() if until is not None else ():
            limits += ["--exclude-newer-package", f"{name}={_day(when)}"]
        line = (
            "pip",
            "compile",
            "-",
            "--no-header",
            "--no-annotate",
            "--generate-hashes",
            "--no-strip-extras",
            *limits,
        )
        done = self._run(*line, *_target(interpreter), text="\n".join(requirements) + "\n", wheels=wheels)
        if done.returncode == 0:
            return tuple(done.stdout.decode().replace("\\\n", " ").splitlines())
        return _unresolved(done.stderr.decode("utf-8", "replace"))

    def files(self, lock: Iterable[str], interpreter: Interpreter, *, wheels: Path | None = None) -> bytes:
        """The wheels that could stand for the lines of a lock here, as a `pylock.toml` (PEP 751) with addresses.

        Raises `AvrError` `registry.unreachable` or `bench.install`.
        """
        pins = [each.split(" ")[0].rstrip(";") for each in lock if "==" in each]
        line = ("pip", "compile", "-", "--no-header", "--no-deps", "--format", "pylock.toml")
        done = self._run(*line, *_target(interpreter), text="\n".join(pins) + "\n", wheels=wheels)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            _raise_unreachable(said)
            raise AvrError("bench.install", f"cannot find the dependencies again: {said[-400:]!r}", hint="run it again")
        return done.stdout

    def unpack(
        self, lock: Iterable[str], interpreter: Interpreter, folder: Path, *, wheels: Path | None = None
    ) -> None:
        """Unpack the wheels of a lock into `folder`, checking every hash; no code of them runs."""
        line = ("pip", "install", "--requirements", "-", "--target", str(folder), "--no-deps", "--require-hashes",
                "--link-mode", "copy")  # fmt: skip
        done = self._run(*line, *_target(interpreter), text="\n".join(lock) + "\n", wheels=wheels)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            _raise_unreachable(said)
            hint = "run it again; if it persists, clear the cache folder (AVR_CACHE)"
            raise AvrError("bench.install", f"cannot unpack the dependencies: {said[-400:]!r}", hint=hint)

    def _run(self, *arguments: str, text: str, wheels: Path | None) -> subprocess.CompletedProcess[bytes]:
        self.cache.mkdir(parents=True, exist_ok=True)
        fixed = ("--only-binary", ":all:", "--quiet", "--color", "never", "--no-progress", "--no-config")
        alone = ("--no-index",) if self.index.get("UV_NO_INDEX") else ()  # uv reads no such variable by itself
        line = [_program(), *arguments, *fixed, *alone, "--no-python-downloads", "--cache-dir", str(self.cache)]
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | dict(self.index)
        if wheels is not None and wheels.is_dir():
            env["UV_FIND_LINKS"] = ",".join(filter(None, (env.get("UV_FIND_LINKS"), str(wheels))))
        # the root folder holds no project, so that nothing near the user's own folder is read
        return subprocess.run(
            line, input=text.encode(), capture_output=True, env=env, timeout=900, check=False, cwd="/"
        )


def _unresolved(said: str) -> Unresolved:
    _raise_unreachable(said)
    plain = re.sub(r"\s+", " ", said)
    return Unresolved(
        message=plain.split("cause: ", 1)[-1].strip()[:1000],
        without_wheel=tuple(dict.fromkeys(_NO_WHEEL.findall(plain))),
        unknown=tuple(dict.fromkeys(_NOT_FOUND.findall(plain))),
    )


def _raise_unreachable(said: str) -> None:
    if _NETWORK.search(said):
        from avr.tools.http import redact_all

        hint = "check the network and the index that pip or uv is configured for (pip config list)"
        raise AvrError("registry.unreachable", f"uv gets no answer: {redact_all(said.strip())[-300:]!r}", hint=hint)


def _target(interpreter: Interpreter) -> tuple[str, ...]:
    """Let uv ask the interpreter itself, except below 3.6, where it cannot: then only the version is told."""
    if interpreter.minor >= (3, 6):
        return ("--python", str(interpreter.executable))
    return ("--python", sys.executable, "--python-version", ".".join(map(str, interpreter.version)))


def _day(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _program() -> str:
    from uv import find_uv_bin

    return os.fspath(find_uv_bin())
