"""Names the dependencies that a requirements file leaves open, by uv and without running code of any package."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from avr.errors import AvrError
from avr.stages.deliver.requirements import Resolve

SECONDS = 120
"""How long the resolver may take."""


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
    from uv import find_uv_bin

    options = ["--generate-hashes", "--no-header", "--no-annotate", "--no-build", "--quiet", "--no-progress"]
    inputs = ["requirements.in", "--constraints", "constraints.in", "--find-links", str(wheels)]
    command = [find_uv_bin(), "pip", "compile", *options, *inputs]
    try:
        done = subprocess.run(
            command, cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _unresolved(f"no answer within {SECONDS} s") from error
    if done.returncode:
        words = " ".join(done.stderr.split())
        raise _unresolved(words[:400])
    return done.stdout


def _unresolved(why: str) -> AvrError:
    message = f"the dependencies that the file does not pin cannot be resolved: {why}"
    return AvrError("requirements.unresolved", message, hint="pin them in the file, then run avr again")
