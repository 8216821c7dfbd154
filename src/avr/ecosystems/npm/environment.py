"""Environments: a release's dependencies of its time, resolved by npm, kept by digest and shown read-only.

Inside the sandbox they are at `/opt/node_modules`, where the programs at `/opt` find them; the package itself is shown
over its own folder there, so that everything that asks for it gets the tree under test.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from avr.ecosystems.interface import Pin
from avr.ecosystems.npm.client import Client
from avr.errors import AvrError
from avr.tools.blobs import digest_of, disk_errors, write_atomically
from avr.tools.sandbox import Mount

MODULES = "/opt/node_modules"
_AFTER = timedelta(days=14)
"""Dependencies are the ones that a user had two weeks after the release."""
_PLACE = re.compile(r"(?:node_modules/(?:@[A-Za-z0-9._~-]+/)?[A-Za-z0-9._~-]+/?)+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Installed dependencies of `package`: `lock` is npm's lock file, `folder` holds `node_modules`."""

    package: str
    folder: Path
    lock: bytes

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a command needs to see to use it; the package itself is to be mounted at `place`."""
        return (Mount(source=self.folder / "node_modules", target=MODULES),)

    @property
    def place(self) -> str:
        """Where the package itself belongs inside."""
        return f"{MODULES}/{self.package}"

    @property
    def exact(self) -> tuple[str, ...]:
        """The dependencies as `name@version`, sorted, without the package itself."""
        entries = json.loads(self.lock)["packages"].items()
        names = {f"{place.rpartition('node_modules/')[2]}@{entry['version']}" for place, entry in entries if place}
        return tuple(sorted(each for each in names if not each.startswith(f"{self.package}@")))


def make(pin: Pin, client: Client, cache: Path) -> Environment:
    """The environment of a pin, from the cache where it is there.

    Raises `AvrError` `bench.resolve`, `bench.install`, `registry.unreachable`, `npm.missing` or `store.disk-full`.
    """
    found = of(Wanted(pin=pin, packages={pin.component.name: pin.component.version}), client, cache)
    if (found.folder / "node_modules" / pin.component.name / "node_modules").is_dir():
        why = f"{pin.component} needs other versions of its dependencies than these need of each other"
        raise AvrError("bench.install", why, hint="such a tree cannot be shown over a patched package yet")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an environment shall hold: `packages` with their ranges, as a user of the pin's time had them.

    `options` are npm's.
    """

    pin: Pin
    packages: Mapping[str, str]
    options: tuple[str, ...] = ()

    @property
    def until(self) -> str:
        """The day up to which releases count, in ISO 8601; empty where the registry does not tell."""
        released = self.pin.released
        return (released + _AFTER).date().isoformat() if released else ""

    def write(self, folder: Path) -> None:
        """Lay the project out that npm resolves and installs."""
        project = {"name": "avr-environment", "private": True, "dependencies": dict(sorted(self.packages.items()))}
        (folder / "package.json").write_text(json.dumps(project), encoding="utf-8")


def of(wanted: Wanted, client: Client, cache: Path) -> Environment:
    """The environment that holds what is wanted, from the cache where it is there; raises what `make` raises."""
    return from_lock(wanted, _resolved(wanted, client, cache / "locks"), client, cache)


def from_lock(wanted: Wanted, lock: bytes, client: Client, cache: Path) -> Environment:
    """The environment of a lock file; raises `AvrError` `bench.resolve` where not everything in it has a digest."""
    _checked(wanted.pin, lock)
    target = cache / "environments" / digest_of(lock)
    if not target.is_dir():
        _install(wanted, lock, client, target)
    return Environment(package=wanted.pin.component.name, folder=target, lock=lock)


def _resolved(wanted: Wanted, client: Client, locks: Path) -> bytes:
    """The lock file, kept by the question that it answers."""
    question = [*sorted(wanted.packages.items()), wanted.until, client.config.registry, *client.config.scopes.items()]
    place = locks / f"{digest_of(json.dumps([*question, *wanted.options]).encode())}.json"
    if not place.is_file():
        write_atomically(place, _lock(wanted, client))
    return place.read_bytes()


def _lock(wanted: Wanted, client: Client) -> bytes:
    """Resolve as of the time of the release; without a limit where a mirror tells other times than upstream."""
    complaint, until = "", wanted.until
    for limit in ([f"--before={until}"], []) if until else ([],):
        with tempfile.TemporaryDirectory(prefix="avr-npm-") as scratch:
            folder = Path(scratch)
            wanted.write(folder)
            arguments = ["install", "--package-lock-only", "--no-omit-lockfile-registry-resolved", *limit]
            complaint = client.run(folder, [*arguments, *wanted.options])
            if not complaint:
                return _checked(wanted.pin, (folder / "package-lock.json").read_bytes())
    hint = "one of its dependencies may have been unpublished, or want a registry that npm is not configured for"
    raise AvrError("bench.resolve", f"npm cannot resolve {wanted.pin.component}: {complaint[:300]!r}", hint=hint)


def _checked(pin: Pin, lock: bytes) -> bytes:
    """The lock, refused where anything in it comes without a digest or from elsewhere than a registry."""
    for place, entry in _entries(lock):
        sound = entry.get("integrity") and not entry.get("link") and _PLACE.match(place) and ".." not in place
        if not sound and not entry.get("inBundle"):
            why = f"{pin.component} needs {place!r}, which comes from {entry.get('resolved')!r} without a digest"
            raise AvrError("bench.resolve", why, hint="dependencies from git, files or URLs are not installed")
    return lock


def _entries(lock: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((place, entry) for place, entry in json.loads(lock)["packages"].items() if place)


def _install(wanted: Wanted, lock: bytes, client: Client, target: Path) -> None:
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
    try:
        wanted.write(scratch)
        (scratch / "package-lock.json").write_bytes(lock)
        if complaint := client.run(scratch, ["ci", *wanted.options]):
            hint = "look at the complaint; nothing of it was used"
            raise AvrError(
                "bench.install", f"npm cannot install what {wanted.pin.component} needs: {complaint[:300]!r}", hint=hint
            )
        (scratch / "node_modules").mkdir(exist_ok=True)  # npm makes none where nothing is needed
        scratch.chmod(0o755)
        _take_place(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _take_place(scratch: Path, target: Path) -> None:
    """Put the finished folder in its place, unless another process was faster with the same content."""
    try:
        scratch.rename(target)
    except OSError:
        if not target.is_dir():
            raise
