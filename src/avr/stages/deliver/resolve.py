"""Names the dependencies that a requirements file leaves open, by uv and without running code of any package."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from avr.errors import AvrError
from avr.stages.deliver.requirements import Resolve

SECONDS = 60
"""How long one attempt of the resolver may take."""

ATTEMPTS: tuple[tuple[str, ...], ...] = (
    (),
    *(("--universal", "--python-version", version) for version in ("3.10", "3.8", "3.7", "3.6")),
)
"""For the Python at hand; then for all from an older one on, since old pins may have wheels for no newer Python."""


def uv_resolver(environment: Mapping[str, str]) -> Resolve:
    """A resolver that runs `uv pip compile` with wheels only; `environment` tells uv which index to ask."""

    def resolve(requirements: str, constraints: str, wheels: Path) -> str:
        with tempfile.TemporaryDirectory(prefix="avr-resolve-") as name:
            folder = Path(name)
            (folder / "requirements.in").write_text(requirements, "utf-8", "surrogateescape")
            (folder / "constraints.in").write_text(constraints, "utf-8", "surrogateescape")
            return _compiled(folder, wheels.resolve(), environment)

    return resolve


def _compiled(folder: Path, wheels: Path, environment: Mapping[str, str]) -> str:
    """The first attempt that succeeds; where none does, the reason of the first."""
    failures = []
    for attempt in ATTEMPTS:
        try:
            return _attempt(folder, wheels, environment, attempt)
        except AvrError as error:
            failures.append(error)
    raise failures[0]


def _attempt(folder: Path, wheels: Path, environment: Mapping[str, str], attempt: tuple[str, ...]) -> str:
    from uv import find_uv_bin

    options = ["--generate-hashes", "--no-header", "--no-annotate", "--no-build", "--quiet", "--no-progress", *attempt]
    inputs = ["requirements.in", "--constraints", "constraints.in", "--find-links", str(wheels)]
    command = [find_uv_bin(), "pip", "compile", *options, *inputs]
    try:
        done = subprocess.run(
            command, cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _unresolved(f"no answer within {SECONDS} s") from error
    if done.returncode:
        raise _unresolved(" ".join(done.stderr.split())[:400])
    return done.stdout


def _unresolved(why: str) -> AvrError:
    message = f"the dependencies that the file does not pin cannot be resolved: {why}"
    return AvrError("requirements.unresolved", message, hint="pin them in the file, then run avr again")
