"""The dependencies of one pin's tests: resolved as of its date, what cannot be had left out with a reason.

Runtime requirements must resolve. Test requirements are wishes: first all of them, then without their own version
limits, then one by one, so that one plug-in that has vanished does not cost the whole suite.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from avr.ecosystems.pypi import environment
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.interpreters import RELEASED, Interpreter
from avr.ecosystems.pypi.requirements import Asked, name_of
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.ecosystems.pypi.wheels import Builder
from avr.model.outcome import Declined

_AFTER_RELEASE = timedelta(days=14)
_SETTLED = timedelta(days=180)
"""How long after an interpreter's own release most packages had wheels for it."""
_OLDEST_RUNNER = datetime(2018, 10, 1, tzinfo=UTC)
_RUNNER = ("pytest", "pluggy", "py", "attrs", "more-itertools", "six", "funcsigs", "pathlib2", "scandir", "zipp",
           "importlib-metadata", "packaging", "pyparsing", "wcwidth", "contextlib2", "configparser", "colorama",
           "pytest-timeout", "setuptools")  # fmt: skip
_UPLOADED_AGAIN = {"atomicwrites": datetime(2023, 1, 1, tzinfo=UTC)}
"""All older files of it were deleted and uploaded anew in July 2022."""
_OUTLIVED: Mapping[str, tuple[str, datetime]] = {"pytest-httpbin": (">=1.0", datetime(2022, 3, 1, tzinfo=UTC))}
"""Test tools whose older releases carry certificates that have expired since: what to take instead, and until when."""
_MOST_BUILDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An environment with what was left out of it, and why, by requirement."""

    environment: Environment
    until: datetime | None
    left_out: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Resolver:
    """Resolves for one interpreter and one date; remembers what it could not build."""

    interpreter: Interpreter
    until: datetime | None
    uv: Uv
    builder: Builder
    left_out: dict[str, str] = field(default_factory=dict)
    _builds: int = 0
    _hopeless: set[str] = field(default_factory=set)

    def prepare(self, asked: Asked, own_name: str, cache: Path) -> Prepared | Declined:
        """The environment for `asked` and pytest, without the package under test where a dependency asks for that.

        `Declined` where the runtime requirements have no solution.
        """
        runtime = self._fitting(asked.runtime)
        tests = list(dict.fromkeys(map(_living, self._fitting(asked.tests))))
        lock = self._lock(runtime, tests)
        if isinstance(lock, Unresolved):
            why = f"{self.interpreter} and the runtime requirements have no solution: {lock.message[:300]}"
            return Declined(code="bench.dependencies", why=why)
        others = tuple(line for line in lock if line.split("==")[0].split("[")[0].strip() != own_name)
        made = environment.make(others, self.interpreter, uv=self.uv, cache=cache, wheels=self.builder.folder)
        return Prepared(environment=made, until=self.until, left_out=dict(self.left_out))

    def _fitting(self, requirements: Iterable[str]) -> list[str]:
        """Without those whose marker excludes this interpreter or platform, so that markers need no solver."""
        marks = marker_environment(self.interpreter)
        parsed = [Requirement(each) for each in requirements]
        fitting = [each for each in parsed if each.marker is None or each.marker.evaluate(marks)]
        for each in fitting:
            each.marker = None
        return list(dict.fromkeys(str(each) for each in fitting))

    def _lock(self, runtime: list[str], tests: list[str]) -> tuple[str, ...] | Unresolved:
        runner = [] if any(name_of(each) == "pytest" for each in runtime) else ["pytest"]
        lock = self._resolve([*runtime, *runner, *tests])
        if isinstance(lock, Unresolved) and tests:
            loose = list(dict.fromkeys(_loose(each) for each in tests))
            lock = self._resolve([*runtime, *runner, *loose])
            if isinstance(lock, Unresolved):
                return self._one_by_one([*runtime, *runner], loose)
        return lock

    def _one_by_one(self, needed: list[str], wishes: list[str]) -> tuple[str, ...] | Unresolved:
        lock = self._resolve(needed)
        for wish in wishes:
            if isinstance(lock, Unresolved):
                return lock
            more = self._resolve([*needed, wish])
            if isinstance(more, Unresolved):
                self.left_out.setdefault(wish, more.message[:200])
            else:
                needed, lock = [*needed, wish], more
        return lock

    def _resolve(self, requirements: list[str]) -> tuple[str, ...] | Unresolved:
        """Ask uv again after each source-only package that could be built, and without unknown ones."""
        wanted = [each for each in requirements if each not in self.left_out]
        while True:
            lock = self.uv.resolve(
                wanted, self.interpreter, until=self.until, later=self._later(), wheels=self.builder.folder
            )
            if not isinstance(lock, Unresolved) or not self._helped(lock, wanted):
                return lock

    def _helped(self, unresolved: Unresolved, wanted: list[str]) -> bool:
        """Build what lacks a wheel; whether anything is different now."""
        for name in unresolved.without_wheel:
            if name not in self._hopeless and self._builds < _MOST_BUILDS:
                self._builds += 1
                self._hopeless.add(name)
                limits = next((str(Requirement(each).specifier) for each in wanted if name_of(each) == name), "")
                why = self.builder.build(name, limits, self._later().get(name, self.until))
                if not why:
                    return True
                self.left_out.setdefault(name, why)
        return False

    def _later(self) -> dict[str, datetime]:
        """Packages that may be newer: the test runner, which the pins of old were not yet tested with."""
        if self.until is None:
            return {}
        runner = {} if self.until >= _OLDEST_RUNNER else dict.fromkeys(_RUNNER, _OLDEST_RUNNER)
        outlived = {name: when for name, (_, when) in _OUTLIVED.items()}
        return {name: when for name, when in {**runner, **_UPLOADED_AGAIN, **outlived}.items() if when > self.until}


def limit(released: datetime | None, interpreter: Interpreter) -> datetime | None:
    """The upload time that dependencies may have: shortly after the pin, and not before the interpreter was settled."""
    if released is None:
        return None
    young = RELEASED.get(interpreter.minor)
    return max(released + _AFTER_RELEASE, young + _SETTLED) if young else released + _AFTER_RELEASE


def marker_environment(interpreter: Interpreter) -> dict[str, str]:
    """The values of PEP 508 markers for an interpreter on Linux."""
    full, minor = ".".join(map(str, interpreter.version)), ".".join(map(str, interpreter.minor))
    return {
        "python_version": minor,
        "python_full_version": full,
        "implementation_version": full,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": "linux" if interpreter.minor >= (3, 3) else "linux2",
        "platform_system": "Linux",
        "extra": "",
    }


def _living(requirement: str) -> str:
    """The requirement, or the one for a release that still works where only expired ones satisfy it."""
    specifier, _ = _OUTLIVED.get(name_of(requirement), ("", None))
    if not specifier:
        return requirement
    exact = [each.version for each in Requirement(requirement).specifier if each.operator == "=="]
    return requirement if any(each in SpecifierSet(specifier) for each in exact) else name_of(requirement) + specifier


def _loose(requirement: str) -> str:
    parsed = Requirement(requirement)
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    return f"{parsed.name}{extras}"
