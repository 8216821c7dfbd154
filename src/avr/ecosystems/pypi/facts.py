"""What the evidence says of a bench: interpreter, dependencies, where the suite came from, what could be collected."""

import hashlib

from avr.ecosystems.pypi.dependencies import Prepared
from avr.ecosystems.pypi.suite import Suite
from avr.ecosystems.pypi.testrun import Collected
from avr.tools import sandbox


def of(found: Suite, prepared: Prepared, collected: Collected | None, script: str) -> dict[str, str]:
    """Short printable pairs about an environment and the suite that was found for it."""
    environment = prepared.environment
    pinned = [line.split(" ")[0].rstrip(";") for line in environment.lock if "==" in line]
    facts = {
        "interpreter": str(environment.interpreter),
        "dependencies": " ".join(pinned),
        "lock": hashlib.sha256("\n".join(environment.lock).encode()).hexdigest(),
        "suite": found.origin,
        "suite paths": " ".join(found.paths[:20]),
        **{f"sandbox {name}": value for name, value in sandbox.facts().items()},
    }
    if prepared.until is not None:
        facts["dependencies until"] = prepared.until.date().isoformat()
    if prepared.left_out:
        facts["left out"] = "; ".join(f"{name} ({why[:80]})" for name, why in prepared.left_out.items())
    if script:
        facts["runner"] = script
    elif collected is not None:
        facts["collected"] = f"{collected.tests} tests, {collected.broken} files broken"
    return facts
