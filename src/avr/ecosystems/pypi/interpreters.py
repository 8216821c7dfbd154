"""The CPython interpreters of this machine, and which of them suit a pin."""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from avr.model.outcome import Declined

RELEASED: Mapping[tuple[int, int], datetime] = {
    version: datetime(*day, tzinfo=UTC)
    for version, day in {
        (2, 7): (2010, 7, 3),
        (3, 3): (2012, 9, 29),
        (3, 4): (2014, 3, 16),
        (3, 5): (2015, 9, 13),
        (3, 6): (2016, 12, 23),
        (3, 7): (2018, 6, 27),
        (3, 8): (2019, 10, 14),
        (3, 9): (2020, 10, 5),
        (3, 10): (2021, 10, 4),
        (3, 11): (2022, 10, 24),
        (3, 12): (2023, 10, 2),
        (3, 13): (2024, 10, 7),
        (3, 14): (2025, 10, 7),
    }.items()
}
"""First final release of each minor version, https://devguide.python.org/versions/ and PEPs 373 to 745."""

_ASK = (
    "import json,platform,sys,sysconfig;print(json.dumps([platform.python_implementation(),sys.version_info[:3],"
    "getattr(sys,'base_prefix',sys.prefix),sysconfig.get_config_var('Py_ENABLE_SHARED') or 0,sys.maxsize>2**32]))"
)
_NAME = re.compile(r"python(\d(\.\d+)?)?")
_MAJOR = re.compile(r"Programming Language :: Python :: (\d)(?:\.\d+| :: Only)?$")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d)\.(\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """One CPython: its real executable, the prefix that holds its library, and whether libpython is shared."""

    version: tuple[int, int, int]
    executable: Path
    prefix: Path
    shared: bool = False

    @property
    def minor(self) -> tuple[int, int]:
        """Language version, such as (3, 8)."""
        return self.version[:2]

    def __str__(self) -> str:
        """The name for reports; the path is this machine's own business."""
        return "CPython " + ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a release says of the interpreters it runs on."""

    requires: str = ""
    classifiers: tuple[str, ...] = ()
    released: datetime | None = None

    @property
    def minors(self) -> frozenset[tuple[int, int]]:
        """The minor versions that the classifiers name."""
        found = (_CLASSIFIER.match(each.strip()) for each in self.classifiers)
        return frozenset((int(match[1]), int(match[2])) for match in found if match)

    @property
    def majors(self) -> frozenset[int]:
        """The major versions that the classifiers name, with or without a minor one."""
        found = (_MAJOR.match(each.strip()) for each in self.classifiers)
        return frozenset(int(match[1]) for match in found if match)


def choose(declared: Declared, available: Iterable[Interpreter]) -> tuple[Interpreter, ...] | Declined:
    """The interpreters to try, best first: declared and of the time, then undeclared of the time, then the rest.

    Of the time is a minor version that was out when the pin was; among equals the newest is best, since the last
    ones of a range are the ones that users run.
    """
    usable = [each for each in _one_per_minor(available) if _allowed(declared.requires, each)]
    if not usable:
        wanted = declared.requires or "any version"
        return Declined(code="bench.no-interpreter", why=f"no CPython on this machine satisfies {wanted!r}")
    return tuple(sorted(usable, key=lambda each: _rank(declared, each)))


def discover(environ: Mapping[str, str] = os.environ) -> tuple[Interpreter, ...]:
    """All interpreters found on PATH and in the usual places, one for each real executable, oldest first."""
    found: dict[Path, Interpreter] = {}
    for path in _places(environ):
        real = path.resolve()
        if real in found or not os.access(real, os.X_OK) or "shims" in real.parts:
            continue
        interpreter = _ask(real)
        if interpreter is not None:
            found[real] = interpreter
    return tuple(sorted(found.values(), key=lambda each: (each.version, str(each.executable))))


def _rank(declared: Declared, interpreter: Interpreter) -> tuple[int, int]:
    minor = interpreter.minor
    newness = minor[0] * 100 + minor[1]
    out = RELEASED.get(minor)
    of_the_time = declared.released is None or (out is not None and out <= declared.released)
    if minor in declared.minors and of_the_time:
        return (0, -newness)
    if minor in declared.minors:
        return (1, newness)
    if declared.majors and minor[0] not in declared.majors:
        return (4, -newness)
    if of_the_time and not declared.minors:
        return (2, -newness)
    return (
        3,
        abs(newness - max((a * 100 + b for a, b in declared.minors), default=newness)) if declared.minors else newness,
    )


def _allowed(requires: str, interpreter: Interpreter) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(requires).contains(".".join(map(str, interpreter.version)), prereleases=True)
    except InvalidSpecifier:
        return True


def _one_per_minor(available: Iterable[Interpreter]) -> Sequence[Interpreter]:
    """The newest of each minor version; those outside /usr win, since a distribution patches its own."""
    best: dict[tuple[int, int], Interpreter] = {}
    for each in sorted(available, key=lambda each: (each.prefix != Path("/usr"), each.version)):
        best[each.minor] = each
    return list(best.values())


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or Path.home())
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    folders = [*pyenv.glob("versions/*/bin"), *uv.glob("*/bin"), *Path("/opt").glob("*/bin")]
    on_path = [Path(each) for each in environ.get("PATH", "").split(os.pathsep) if each.startswith("/")]
    for folder in (*folders, *on_path, Path("/usr/local/bin"), Path("/usr/bin")):
        if folder.name != "shims" and folder.is_dir():
            yield from sorted(each for each in folder.glob("python*") if _NAME.fullmatch(each.name))


def _ask(executable: Path) -> Interpreter | None:
    """What the interpreter says of itself; None for what is no CPython of 64 bits or gives no answer."""
    try:
        done = subprocess.run(
            [str(executable), "-E", "-s", "-S", "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=20,
            check=True,
            cwd="/",
        )
        name, version, prefix, shared, wide = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if name != "CPython" or not wide:
        return None
    major, minor, micro = version
    return Interpreter(
        version=(major, minor, micro), executable=executable, prefix=Path(prefix).resolve(), shared=bool(shared)
    )
