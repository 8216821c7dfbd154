"""The real npm as the resolver and installer of dependencies; it never runs a script of a package."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.npm.npm_config import NpmConfig, npm
from avr.errors import AvrError
from avr.tools.http import redact_all

_ALWAYS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-bin-links",
    "--no-engine-strict",
    "--no-update-notifier",
    "--allow-git=none",
    "--allow-remote=none",
    "--allow-file=none",
    "--allow-directory=none",
    "--loglevel=error",
)
"""npm below 11 does not know `--allow-*`; what it wrote into the lock is looked at in any case."""
_SECONDS = 600
_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "E401", "E403", "E5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """npm with a cache folder of its own and the configuration that is in force where avr runs."""

    config: NpmConfig
    cache: Path

    def run(self, folder: Path, arguments: Sequence[str]) -> str:
        """Run npm in `folder`, a private one made for this: the project's own npmrc is laid there for the time.

        The output is empty where npm did what was asked, else its complaint. Raises `AvrError` `npm.missing` or
        `registry.unreachable`.
        """
        own = folder / ".npmrc"
        if self.config.project:
            own.touch(mode=0o600)
            own.write_bytes(self.config.project.read_bytes())
        try:
            done = self._done(folder, [npm(), *arguments, *_ALWAYS, f"--cache={self.cache}"])
        finally:
            own.unlink(missing_ok=True)
        if done.returncode == 0:
            return ""
        said = redact_all(f"{done.stdout}\n{done.stderr}".strip())
        if any(f"code {each}" in said for each in _UNREACHABLE):
            raise AvrError("registry.unreachable", f"npm gets no answer: {said[:300]!r}", hint=_HINT)
        return said or f"exit code {done.returncode}"

    def _done(self, folder: Path, command: list[str]) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                command, cwd=folder, env=_environment(os.environ), capture_output=True, text=True, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise AvrError("registry.unreachable", f"npm did not end within {_SECONDS} s", hint=_HINT) from error


_HINT = "check the network and the registry that npm is configured for (npm config get registry)"


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Without what would make npm or node load code of the project that avr runs in."""
    return {name: value for name, value in environ.items() if name not in ("NODE_OPTIONS", "NODE_PATH", "INIT_CWD")}
