"""What a test run leans on, put together for a proof capsule: the lock by files, wheels built here, the suite."""

from collections.abc import Mapping
from pathlib import Path

from avr.ecosystems.interface import Equipment, FileKind, Registry
from avr.ecosystems.pypi import pylock, versions
from avr.ecosystems.pypi.testrun import Limits, Runner
from avr.ecosystems.pypi.uv import Uv
from avr.ecosystems.pypi.wheels import built_folder
from avr.ecosystems.pypi.widening import Widening
from avr.model.capsule import Conditions
from avr.model.source import SourceTree


def widest(
    base: Runner, widening: Widening | None, tree: SourceTree, tests: Mapping[str, bytes], limits: Limits
) -> Runner:
    """The runner that these tests get on `tree`, which holds them; pytest is asked, as their runs may be remembered."""
    if not tests or widening is None or base.script:
        return base
    runner = widening.runner(tests)
    paths = tuple(sorted(path for path in tests if path.endswith(".py")))
    return widening.beyond(runner, runner.collect(tree, paths, limits).missing) or runner


def of(runner: Runner, overlay: Mapping[str, bytes], uv: Uv, registry: Registry, cache: Path) -> Equipment:
    """The equipment of a runner; raises `AvrError` `registry.unreachable` or `bench.install`."""
    environment = runner.environment
    folder = built_folder(cache, environment.interpreter)
    found = uv.files(environment.lock, environment.interpreter, wheels=folder) if environment.lock else b""
    built = {path.name: path.read_bytes() for path in folder.glob("*.whl")} if folder.is_dir() else {}

    def listed(package: str, version: str) -> dict[str, str]:
        releases = [each for each in registry.releases(package) if versions.same(each.version, version)]
        wheels = [file for each in releases for file in each.files if file.kind is FileKind.WHEEL]
        return {file.filename: file.sha256 for file in wheels if file.sha256 is not None}

    packages = pylock.choose(found, environment.interpreter, built, listed)
    conditions = Conditions(interpreter=environment.interpreter.version, packages=packages, script=runner.script)
    return Equipment(
        lock=pylock.dumps(conditions),
        lock_name=pylock.NAME,
        files={each.filename: built[each.filename] for each in packages if each.filename in built},
        overlay=overlay,
    )
