"""Settings, read in one place from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from avr.errors import UsageError

ANY_SANDBOX = "auto"
SANDBOXES = (ANY_SANDBOX, "bubblewrap", "container")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are kept and how much may be spent; every field has an `AVR_*` variable.

    Times are in seconds, sizes in bytes.
    """

    home: Path
    """Advisory database, keys and ledgers that must survive: `AVR_HOME`."""
    cache: Path
    """Downloads, blobs, environments and results by digest; may be deleted at any time: `AVR_CACHE`."""
    git_mirror: str | None = None
    """A folder of mirrors, or a URL prefix that stands for the public hosts: `AVR_GIT_MIRROR`."""
    git: bool = True
    """Whether upstream git may be asked at all: `AVR_GIT=off` leaves the registry alone as the source of fixes."""
    jobs: int = 2
    """Components worked on at once: `AVR_JOBS`."""
    suite_seconds: int = 600
    """Time limit of one run of a test suite: `AVR_SUITE_SECONDS`."""
    suite_runs: int = 2
    """How often the suite runs on the unpatched pin, to find flaky tests: `AVR_SUITE_RUNS`."""
    necessity_seconds: int = 60
    """Time for trials without single hunks and with mutants: `AVR_NECESSITY_SECONDS`, 0 for none."""
    behaviour_seconds: int = 90
    """Time limit of each run that watches behaviour (gate G6): `AVR_BEHAVIOUR_SECONDS`, or `off` to leave it out."""
    sandbox: str = ANY_SANDBOX
    """What makes sandboxes, one of `SANDBOXES`: `AVR_SANDBOX`. There is no value for none."""
    sandbox_memory: int = 4 << 30
    sandbox_disk: int = 2 << 30
    source_date_epoch: int = 315532800
    """The timestamp of every file that we write into an artifact: 1980-01-01, the earliest that zip can hold."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables, with the platform's own folders as defaults."""
    base = Settings(
        home=Path(environ.get("AVR_HOME") or platformdirs.user_data_dir("avr")),
        cache=Path(environ.get("AVR_CACHE") or platformdirs.user_cache_dir("avr")),
    )
    return Settings(
        home=base.home,
        cache=base.cache,
        git_mirror=environ.get("AVR_GIT_MIRROR") or None,
        git=environ.get("AVR_GIT", "on").lower() not in {"off", "0", "no", "false"},
        jobs=_positive(environ, "AVR_JOBS", max(1, min(4, os.cpu_count() or 1))),
        suite_seconds=_positive(environ, "AVR_SUITE_SECONDS", base.suite_seconds),
        necessity_seconds=_number(environ, "AVR_NECESSITY_SECONDS", base.necessity_seconds, least=0),
        suite_runs=_positive(environ, "AVR_SUITE_RUNS", base.suite_runs),
        behaviour_seconds=_behaviour(environ, base.behaviour_seconds),
        sandbox=sandbox_choice(environ),
    )


def sandbox_choice(environ: Mapping[str, str] = os.environ) -> str:
    """What shall make sandboxes, one of `SANDBOXES`; raises `UsageError` `config.sandbox`."""
    wanted = environ.get("AVR_SANDBOX") or ANY_SANDBOX
    if wanted in SANDBOXES:
        return wanted
    hint = "unset AVR_SANDBOX; running without isolation is allowed by `avr fix --unsafe-no-sandbox` alone"
    raise UsageError("config.sandbox", f"AVR_SANDBOX={wanted!r} is none of {', '.join(SANDBOXES)}", hint=hint)


def _behaviour(environ: Mapping[str, str], default: int) -> int:
    off = environ.get("AVR_BEHAVIOUR_SECONDS", "").lower() in {"off", "0", "no", "false"}
    return 0 if off else _positive(environ, "AVR_BEHAVIOUR_SECONDS", default)


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    return _number(environ, name, default, least=1)


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < least:
        message = f"{name}={text!r} is not a whole number above {least - 1}"
        raise UsageError("config.number", message, hint=f"unset {name}")
    return int(text)
