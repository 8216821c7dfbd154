"""A bench for a user's own project: its suite with exactly the pinned packages, and with patched ones instead."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avr.config import Settings
from avr.ecosystems.interface import Pin, Registry
from avr.ecosystems.pypi import bench, environment, index_config
from avr.ecosystems.pypi.bench import PyPIBench
from avr.ecosystems.pypi.requirements import asked, name_of
from avr.ecosystems.pypi.uv import Uv
from avr.ecosystems.pypi.wheels import Builder
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchedWheel:
    """A wheel of ours: the package's normalised name, the version that is pinned, ours, and the wheel's SHA-256."""

    name: str
    pinned: str
    version: str
    sha256: str


def unpatched(tree: SourceTree, pins: Sequence[Component], *, settings: Settings, registry: Registry) -> PyPIBench:
    """The bench for the project's suite with exactly `pins`, and with what its tests ask for besides.

    A bench that cannot be made is one with a `problem`. Raises as `bench.prepare` does.
    """
    exact = {f"{each.name}=={each.version}": "pinned" for each in pins}
    names = {each.name for each in pins}
    wanted = asked(tree, None)
    tests = {text: where for text, where in {**wanted.runtime, **wanted.tests}.items() if name_of(text) not in names}
    project = Component(ecosystem=EcosystemName.PYPI, name="the-project", version="0")
    pin = Pin(component=project, tree=tree, sdist=None, wheel=None, released=None)
    return bench.prepare(
        pin, None, settings=settings, registry=registry, asked=replace(wanted, runtime=exact, tests=tests)
    )


def patched(before: PyPIBench, releases: Sequence[PatchedWheel], wheels: Path, *, registry: Registry) -> PyPIBench:
    """The same bench with the wheels of `releases`, which lie in the folder `wheels`, and nothing else changed.

    Raises `AvrError` `bench.install` where they cannot be unpacked.
    """
    if before.runner is None:
        return before
    old, cache = before.runner.environment, before.settings.cache
    lock = tuple(_replaced(line, {each.name: each for each in releases}) for line in old.lock)
    index = index_config.load().uv_environment()
    links = ",".join(filter(None, (index.get("UV_FIND_LINKS"), str(wheels.resolve()))))
    uv = Uv(cache=cache / "uv", index={**index, "UV_FIND_LINKS": links})
    built = Builder(interpreter=old.interpreter, registry=registry, uv=uv, cache=cache).folder
    made = environment.make(lock, old.interpreter, uv=uv, cache=cache / "environments", wheels=built)
    facts = {
        **before.facts,
        "dependencies": " ".join(line.split(" ")[0] for line in lock if "==" in line),
        "lock": hashlib.sha256("\n".join(lock).encode()).hexdigest(),
    }
    return replace(before, runner=replace(before.runner, environment=made), widening=None, facts=facts)


def _replaced(line: str, releases: Mapping[str, PatchedWheel]) -> str:
    name, _, rest = line.partition("==")
    ours = releases.get(name_of(name))
    if ours is None or not rest or rest.split(" ")[0].rstrip(";") != ours.pinned:
        return line
    return f"{name}=={ours.version} --hash=sha256:{ours.sha256}"
