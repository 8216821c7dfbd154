"""coverage.py for a pin's interpreter, apart from the pin's own environment, https://coverage.readthedocs.io/.

Of all releases the newest one with a wheel that the interpreter can use is taken: it measures the pin, the pin never
sees it. Its version goes into the evidence.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avr.config import Settings
from avr.ecosystems.pypi import environment, index_config
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.ownrunner import PROGRAMS
from avr.ecosystems.pypi.testrun import Beside
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.tools.sandbox import Mount

_PLACE = "/opt/coverage"
_CONFIG = "cover.json"
_RESULT = "coverage.json"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An environment that holds coverage.py alone."""

    environment: Environment

    @property
    def arguments(self) -> tuple[str, ...]:
        """The program and its configuration; what it runs comes after."""
        return (f"{PROGRAMS}/behaviour_cover.py", f"{PROGRAMS}/{_CONFIG}")

    def beside(self, lines: Mapping[str, Sequence[int]]) -> Beside:
        """What the program needs to measure these lines, by their path inside."""
        minor = self.environment.interpreter.minor
        tool = "{}/lib/python{}.{}/site-packages".format(_PLACE, *minor)
        files = {path: list(each) for path, each in lines.items()}
        config = {"files": files, "report": f"/results/{_RESULT}", "tool": tool}
        return Beside(
            files={_CONFIG: json.dumps(config).encode()},
            result=_RESULT,
            most=_LARGEST,
            mounts=(Mount(source=self.environment.folder, target=_PLACE),),
        )


def tool(interpreter: Interpreter, settings: Settings) -> Tool | str:
    """coverage.py for `interpreter`, or why it cannot be had.

    Raises `AvrError` `registry.unreachable`, `store.disk-full` or `sandbox.*`.
    """
    cache: Path = settings.cache
    uv = Uv(cache=cache / "uv", index=index_config.load().uv_environment())
    lock = uv.resolve(["coverage"], interpreter)
    if isinstance(lock, Unresolved):
        return f"no coverage.py for {interpreter}: {lock.message[:200]}"
    return Tool(environment=environment.make(lock, interpreter, uv=uv, cache=cache / "environments", wheels=None))
