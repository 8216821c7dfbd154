"""The conditions of a proof made again: the pin from its tarball, the environment from npm's own lock file.

The dependencies are not carried beside the lock: npm fetches them from the registry that it is configured for, and
takes each by the digest in the lock alone. Without a registry a proof of npm is not run again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avr.config import Settings
from avr.ecosystems.interface import FileKind, Pin, RegistryFile, RegistryRelease
from avr.ecosystems.npm import bench, environment, integrity, nodes, source, suite
from avr.ecosystems.npm.bench import NpmBench
from avr.ecosystems.npm.client import Client
from avr.ecosystems.npm.environment import Wanted
from avr.ecosystems.npm.npm_config import NpmConfig
from avr.ecosystems.npm.testrun import Runner
from avr.errors import AvrError, ProofError
from avr.model.capsule import Conditions
from avr.model.component import Component
from avr.tools import sandbox
from avr.tools.blobs import BlobStore


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmLaboratory:
    """Implements `Laboratory` for packages of npm."""

    settings: Settings
    config: NpmConfig

    def read(self, lock: bytes) -> Conditions:
        """The lock itself: npm reads it again; raises `ProofError` `capsule.lock` where it is none."""
        try:
            content = json.loads(lock)
            packages = content["packages"]
            sound = content["lockfileVersion"] in (2, 3) and isinstance(packages[""]["dependencies"], dict)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _broken(str(error)) from error
        if not sound:
            raise _broken("it is of another version")
        return Conditions(interpreter=nodes.version(nodes.node()), packages=(), lock=lock)

    def require(self, conditions: Conditions) -> str:
        """The node of this machine; raises `AvrError` `node.missing` or `sandbox.unavailable`."""
        if (why := sandbox.problem()) is not None:
            hint = "nothing of a capsule runs outside the sandbox; avr doctor names what is missing"
            raise AvrError("sandbox.unavailable", f"no sandbox: {why}", hint=hint)
        return f"node {'.'.join(map(str, conditions.interpreter))} of this machine"

    def pin(self, component: Component, files: Sequence[Path]) -> Pin:
        """See `avr.ecosystems.npm.source.pin`."""
        return source.pin(component, _Shelf(version=component.version, paths={each.name: each for each in files}))

    def bench(self, pin: Pin, conditions: Conditions, _folder: Path, overlay: Mapping[str, bytes]) -> NpmBench:
        """A bench in the environment of the lock, whose suite is the capsule's."""
        cache = self.settings.cache / "npm"
        found = replace(suite.find(pin.tree.replacing(dict(overlay)), None), overlay=overlay, origin="capsule")
        packages = json.loads(conditions.lock)["packages"][""]["dependencies"]
        wanted = Wanted(pin=pin, packages=packages, options=bench.OPTIONS)
        client = Client(config=self.config, cache=cache / "client")
        made = environment.from_lock(wanted, conditions.lock, client, cache)
        runner = Runner(
            environment=made, suite=found, node=nodes.node(), blobs=BlobStore(self.settings.cache / "blobs")
        )
        facts = {"suite": found.origin, "node": ".".join(map(str, conditions.interpreter))}
        return NpmBench(
            pin=pin,
            settings=self.settings,
            config=self.config,
            suite=found,
            facts=facts,
            runner=None if found.problem else runner,
            silent=found.problem,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """A registry of one release whose tarball is at hand."""

    version: str
    paths: Mapping[str, Path]

    def releases(self, _package: str) -> Sequence[RegistryRelease]:
        """The one release."""
        files = (
            RegistryFile(filename=name, kind=FileKind.TARBALL, url=path.as_uri(), integrity=integrity.of(path))
            for name, path in sorted(self.paths.items())
        )
        return [RegistryRelease(version=self.version, files=tuple(files))]

    def download(self, file: RegistryFile) -> Path:
        """The file at hand."""
        return self.paths[file.filename]


def _broken(why: str) -> ProofError:
    return ProofError(
        "capsule.lock", f"the capsule's package-lock.json is unsound: {why}", hint="get the capsule again"
    )
