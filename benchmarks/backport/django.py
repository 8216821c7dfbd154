"""Django's own suite under the CPython that a branch suits, its labels run by `tests/runtests.py`."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.pypi import environment, index_config
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.interpreters import Interpreter, discover
from avr.ecosystems.pypi.uv import Unresolved, Uv
from benchmarks.backport.cases import Case

_FOR_PYTHON_2 = ("pytz", "docutils<0.19", "mock<4", "Jinja2<3")
_FOR_PYTHON_3 = (
    "pytz",
    "docutils",
    "asgiref",
    "sqlparse",
    "PyYAML",
    'backports.zoneinfo; python_version < "3.9"',
    "tzdata",
)
_SCRIPT = """set -u
settings=test_sqlite
[ -e tests/test_sqlite.py ] || settings=old_settings
grep -q -e --parallel tests/runtests.py && parallel=--parallel=1 || parallel=--noinput
grep -q -e noinput tests/runtests.py || [ "$parallel" = --parallel=1 ] || parallel=--verbosity=1
cd tests
suite() {
  "$AVR_PYTHON" /opt/bench/record_unittest.py /opt/results/results.jsonl \
    ./runtests.py --settings=$settings $parallel "$@"
}
suite "$@"
[ -s /opt/results/results.jsonl ] || [ $# -lt 2 ] || for label in "$@"; do suite "$label"; done
"""
"""Labels of which one cannot be imported are run apart: the others still speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pythons:
    """The interpreters of this machine with the dependencies of Django's suite, made once and kept in `cache`."""

    cache: Path

    def environment(self, python: str) -> Environment | str:
        """The environment for a minor version such as `2.7`, or why there is none."""
        minor = tuple(map(int, python.split(".")))
        found = next((each for each in discover() if each.minor == minor), None)
        if found is None:
            return f"no CPython {python} on this machine"
        uv = Uv(cache=self.cache / "uv", index=index_config.load().uv_environment())
        lock = self._lock(uv, found)
        if isinstance(lock, str):
            return lock
        return environment.make(lock, found, uv=uv, cache=self.cache / "environments", wheels=None)

    def _lock(self, uv: Uv, interpreter: Interpreter) -> tuple[str, ...] | str:
        """Resolved once, so that every run of a benchmark has the same packages."""
        wanted = _FOR_PYTHON_2 if interpreter.minor < (3, 0) else _FOR_PYTHON_3
        key = hashlib.sha256(json.dumps([interpreter.version, wanted]).encode()).hexdigest()[:16]
        place = self.cache / "locks" / key
        if not place.is_file():
            solved = uv.resolve(wanted, interpreter)
            if isinstance(solved, Unresolved):
                return f"the dependencies cannot be had: {solved.message}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(solved), encoding="utf-8")
        return tuple(json.loads(place.read_text(encoding="utf-8")))


def command(case: Case) -> tuple[str, ...]:
    """The command that runs a case's labels in the project's folder."""
    assert case.expected.runnable is not None
    return ("sh", "-c", _SCRIPT, "run", *case.expected.runnable.labels)


def variables(made: Environment) -> dict[str, str]:
    """The variables of a run."""
    return {**made.variables(["/tmp/tree", "/opt/bench"]), "AVR_PYTHON": made.python}  # noqa: S108 - the sandbox's own


def results(lines: str) -> dict[str, bool]:
    """Whether each test passed, by its id; one that ended twice must pass twice, skipped ones are left out.

    unittest says nothing of a test with a skipped subtest but that it ended: it has passed where nothing failed.
    """
    endings: dict[str, set[str]] = {}
    for line in lines.splitlines():
        name, ending = json.loads(line)
        endings.setdefault(name, set()).add(ending)
    return {
        name: "failed" not in seen for name, seen in endings.items() if seen & {"passed", "failed"} or seen == {"ended"}
    }
