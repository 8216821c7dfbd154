"""Dependencies resolved and unpacked by the real npm from a registry of ours, with hostile packages in it."""

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ecosystems.npm.world import World, serving, tarball

from avr.ecosystems.interface import Pin
from avr.ecosystems.npm import environment
from avr.ecosystems.npm.client import Client
from avr.ecosystems.npm.environment import Environment
from avr.ecosystems.npm.npm_config import load
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: nothing resolves anything")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A running registry that npm is configured for by the environment."""
    with serving() as found:
        monkeypatch.setenv("npm_config_registry", f"{found.url}/")
        yield found


def publish(world: World, name: str, version: str, **manifest: Any) -> None:
    """A package with this manifest, whose tarball is at `/<name>-<version>.tgz`."""
    told = {"name": name, "version": version, **manifest}
    data = tarball({"package/package.json": json.dumps(told).encode(), "package/index.js": version.encode()})
    path = f"/{name.replace('/', '-')}-{version}.tgz"
    world.pages[path] = data
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    world.offer(name, version, {"tarball": world.url + path, "integrity": integrity}, **manifest)


def made(cache: Path, name: str = "thing", released: datetime | None = None) -> Environment:
    """The environment of version 1.0.0 of a package."""
    component = Component(ecosystem=EcosystemName.NPM, name=name, version="1.0.0")
    pin = Pin(component=component, tree=SourceTree(files={}), sdist=None, wheel=None, released=released)
    return environment.make(pin, Client(config=load(), cache=cache / "client"), cache)


def test_dependencies_are_installed_and_no_script_of_theirs_runs(world: World, tmp_path: Path) -> None:
    """Exact versions with digests; the second time nothing is asked or unpacked."""
    harm = f"touch {tmp_path / 'harm'}"
    scripts = dict.fromkeys(("preinstall", "install", "postinstall", "prepare"), harm)
    publish(world, "@scope/thing", "1.0.0", dependencies={"dep": "^1.0.0"}, scripts=scripts)
    for version in ("1.0.0", "1.2.0", "2.0.0"):
        publish(world, "dep", version, scripts=scripts, hasInstallScript=True)
    first = made(tmp_path, "@scope/thing")
    assert ("dep@1.2.0",) == first.exact
    assert "1.2.0" == (first.folder / "node_modules" / "dep" / "index.js").read_text()
    assert (first.folder / "node_modules" / "@scope" / "thing").is_dir()
    assert not (tmp_path / "harm").exists()
    asked = len(world.asked)
    assert (first, asked) == (made(tmp_path, "@scope/thing"), len(world.asked))


def test_dependencies_are_of_the_time_of_the_release(world: World, tmp_path: Path) -> None:
    """What came later is not taken; where the registry's times make it impossible, no limit is set."""
    publish(world, "thing", "1.0.0", dependencies={"dep": "*"})
    publish(world, "dep", "1.0.0")
    publish(world, "dep", "1.1.0")
    page = json.loads(world.pages["/dep"])
    page["time"]["1.1.0"] = "2020-06-01T00:00:00.000Z"
    world.pages["/dep"] = json.dumps(page).encode()
    assert ("dep@1.0.0",) == made(tmp_path / "a", released=datetime(2020, 1, 2, tzinfo=UTC)).exact
    assert ("dep@1.1.0",) == made(tmp_path / "b", released=datetime(2020, 6, 2, tzinfo=UTC)).exact
    assert ("dep@1.1.0",) == made(tmp_path / "c", released=datetime(2019, 1, 1, tzinfo=UTC)).exact


@pytest.mark.parametrize("spec", ["git+file:///nowhere/dep.git", "file:../dep", "9.9.9"])
def test_what_no_registry_has_is_not_installed(world: World, tmp_path: Path, spec: str) -> None:
    """From git, from a folder, or a version that was unpublished: declined, and nothing is left."""
    publish(world, "thing", "1.0.0", dependencies={"dep": spec})
    publish(world, "dep", "1.0.0")
    with pytest.raises(AvrError) as caught:
        made(tmp_path)
    assert caught.value.code in {"bench.resolve", "bench.install"}
    assert not list((tmp_path / "environments").glob("*"))


def test_other_bytes_than_the_digest_says_are_not_installed(world: World, tmp_path: Path) -> None:
    """The registry serves another tarball than it announces."""
    publish(world, "thing", "1.0.0", dependencies={"dep": "1.0.0"})
    publish(world, "dep", "1.0.0")
    world.pages["/dep-1.0.0.tgz"] = tarball({"package/package.json": b'{"name": "dep", "version": "1.0.0"}'})
    with pytest.raises(AvrError) as caught:
        made(tmp_path)
    assert ("bench.install", True) == (caught.value.code, "EINTEGRITY" in caught.value.message)
