"""Dependencies as of a date; what cannot be had is left out with a reason."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avr.ecosystems.interface import FileKind, Registry, RegistryFile, RegistryRelease
from avr.ecosystems.pypi import dependencies, index_config, interpreters
from avr.ecosystems.pypi.dependencies import Resolver
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.requirements import Asked
from avr.ecosystems.pypi.uv import Uv
from avr.ecosystems.pypi.wheels import Builder
from avr.errors import AvrError
from avr.model.outcome import Declined
from avr.model.source import SourceTree
from avr.tools.archives import pack_targz

SPRING = datetime(2021, 4, 1, tzinfo=UTC)
SETUP = b"from setuptools import setup\nsetup(name='avr-has-no-wheel', version='1.0', py_modules=['made'])\n"


class OneSdist:
    """A registry of one package that was published as source only."""

    def __init__(self, folder: Path, setup: bytes) -> None:
        self.path = folder / "avr-has-no-wheel-1.0.tar.gz"
        self.path.write_bytes(
            pack_targz(SourceTree(files={"setup.py": setup, "made.py": b""}), "avr-has-no-wheel-1.0", 0)
        )

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        """The one release."""
        if package != "avr-has-no-wheel":
            raise AvrError("registry.unknown-package", f"no {package!r}")
        file = RegistryFile(filename=self.path.name, kind=FileKind.SDIST, url=self.path.as_uri(), uploaded=SPRING)
        return (RegistryRelease(version="1.0", files=(file,)),)

    def download(self, file: RegistryFile) -> Path:
        """Its file."""
        assert file.filename == self.path.name
        return self.path


@pytest.fixture
def interpreter() -> Interpreter:
    """The oldest interpreter here that wheels of 2021 fit."""
    return next(each for each in interpreters.discover() if (3, 8) <= each.minor <= (3, 11))


def resolver(interpreter: Interpreter, registry: Registry, cache: Path) -> Resolver:
    """A resolver as of spring 2021, or of the interpreter's own time."""
    uv = Uv(cache=cache / "uv", index=index_config.load().uv_environment())
    builder = Builder(interpreter=interpreter, registry=registry, uv=uv, cache=cache)
    return Resolver(interpreter=interpreter, until=dependencies.limit(SPRING, interpreter), uv=uv, builder=builder)


def test_the_limit_is_shortly_after_the_pin_but_not_before_the_interpreter_was_settled() -> None:
    """A pin of 2015 that has to run on 3.8 needs packages that know 3.8."""
    old, new = (Interpreter(version=v, executable=Path("/x"), prefix=Path("/")) for v in ((3, 8, 1), (3, 6, 1)))
    assert dependencies.limit(datetime(2015, 1, 1, tzinfo=UTC), old) == datetime(2020, 4, 11, tzinfo=UTC)
    assert dependencies.limit(SPRING, new) == SPRING + timedelta(days=14)
    assert dependencies.limit(None, new) is None


@pytest.mark.parametrize(
    ("version", "marker", "holds"),
    [
        ((2, 7, 18), "python_version < '3'", True),
        ((3, 10, 1), "python_version >= '3.9'", True),
        ((3, 8, 1), "sys_platform == 'win32'", False),
        ((3, 8, 1), "extra == 'x'", False),
    ],
)
def test_markers_are_those_of_the_chosen_interpreter(version: tuple[int, int, int], marker: str, holds: bool) -> None:
    """Not those of the Python that runs this program."""
    from packaging.markers import Marker

    interpreter = Interpreter(version=version, executable=Path("/x"), prefix=Path("/"))
    assert Marker(marker).evaluate(dependencies.marker_environment(interpreter)) is holds


@pytest.mark.index
@pytest.mark.sandbox
def test_a_test_tool_with_expired_certificates_is_taken_newer(interpreter: Interpreter, tmp_path: Path) -> None:
    """Neither its own pin nor the date of the release keeps a release whose certificates nobody accepts any more."""
    found = resolver(interpreter, OneSdist(tmp_path, SETUP), tmp_path).prepare(
        Asked(runtime={}, tests={"pytest-httpbin==0.0.7": "tox"}), "pkg", tmp_path / "environments"
    )
    assert not isinstance(found, Declined)
    assert any(line.startswith("pytest-httpbin==1.0.2") for line in found.environment.lock), found.environment.lock


@pytest.mark.index
@pytest.mark.sandbox
def test_what_cannot_be_had_is_left_out_with_a_reason(interpreter: Interpreter, tmp_path: Path) -> None:
    """A wish for a package that no index has costs nothing else; limits of the wishes that clash are lifted."""
    asked = Asked(runtime={"six": "x"}, tests={"avr-no-such-package-at-all": "x", "iniconfig==99": "x"})
    prepared = resolver(interpreter, OneSdist(tmp_path, SETUP), tmp_path / "cache").prepare(
        asked, "own", tmp_path / "e"
    )
    assert not isinstance(prepared, Declined)
    assert {"six", "pytest", "iniconfig"} <= prepared.environment.names
    assert list(prepared.left_out) == ["avr-no-such-package-at-all"]


@pytest.mark.index
@pytest.mark.sandbox
def test_a_runtime_requirement_that_cannot_be_had_is_declined(interpreter: Interpreter, tmp_path: Path) -> None:
    """Without what the package itself needs no test says anything."""
    asked = Asked(runtime={"avr-no-such-package-at-all": "x"}, tests={})
    declined = resolver(interpreter, OneSdist(tmp_path, SETUP), tmp_path / "cache").prepare(
        asked, "own", tmp_path / "e"
    )
    assert isinstance(declined, Declined)
    assert (declined.code, "avr-no-such-package-at-all" in declined.why) == ("bench.dependencies", True)


@pytest.mark.index
@pytest.mark.sandbox
def test_a_package_published_as_source_is_built_in_the_sandbox(interpreter: Interpreter, tmp_path: Path) -> None:
    """Its build sees neither the network nor the host, and its wheel is used from then on."""
    builder = resolver(interpreter, OneSdist(tmp_path, SETUP), tmp_path / "cache").builder
    assert builder.build("avr-has-no-wheel", "", None) == ""
    assert [each.name for each in builder.folder.iterdir()] == ["avr_has_no_wheel-1.0-py3-none-any.whl"]


@pytest.mark.index
@pytest.mark.sandbox
def test_a_hostile_build_is_held(interpreter: Interpreter, tmp_path: Path) -> None:
    """A setup.py that writes elsewhere builds nothing, hurts nothing, and is not tried again."""
    target = tmp_path / "written"
    hostile = f"open({str(target)!r}, 'w').write('x')\n".encode()
    builder = resolver(interpreter, OneSdist(tmp_path, hostile), tmp_path / "cache").builder
    first, second = (builder.build("avr-has-no-wheel", "", None) for _ in range(2))
    assert (first.startswith("its build failed in the sandbox"), first == second, target.exists()) == (
        True,
        True,
        False,
    )
