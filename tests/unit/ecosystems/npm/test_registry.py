"""A registry as it is met in the world: scopes, logins, tags, lost connections, wrong and missing digests."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.ecosystems.npm.world import World, serving, tarball

from avr.ecosystems.interface import FileKind, Pin, RegistryFile
from avr.ecosystems.npm import source
from avr.ecosystems.npm.npm_config import NpmConfig
from avr.ecosystems.npm.registry import LISTING_SECONDS, NpmRegistry
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.identifiers import EcosystemName

MARK = "npm_0123456789secret"


TARBALL = tarball({"package/package.json": b"{}", "package/lib/a.js": b"1"})
SHA512 = "sha512-" + base64.b64encode(hashlib.sha512(TARBALL).digest()).decode()


@pytest.fixture
def world() -> Iterator[World]:
    """A running registry."""
    with serving() as found:
        yield found


def registry(world: World, cache: Path, clock: list[float] | None = None) -> NpmRegistry:
    """A registry client with one login and one scope; `clock` is a list of one time."""
    config = NpmConfig(
        registry=f"{world.url}/",
        scopes={"@private": f"{world.url}/private/"},
        logins={world.url.removeprefix("http:") + "/private/": f"Bearer {MARK}"},
        timeout=5.0,
    )
    return NpmRegistry(cache, config, clock=lambda: clock[0] if clock else 0.0)


def test_releases_are_ordered_and_have_times_and_digests(world: World, tmp_path: Path) -> None:
    """By semantic versioning; what is no version is left out."""
    for version in ("1.10.0", "1.9.0", "1.10.0-rc.1", "not-a-version"):
        world.offer("thing", version, {"integrity": SHA512})
    found = registry(world, tmp_path).releases("thing")
    assert ["1.9.0", "1.10.0-rc.1", "1.10.0"] == [each.version for each in found]
    (file,) = found[0].files
    assert (FileKind.TARBALL, "thing-1.9.0.tgz", SHA512) == (file.kind, file.filename, file.integrity)
    assert file.uploaded is not None
    assert "2020-01-02T03:04:05.678000+00:00" == file.uploaded.isoformat()


def test_a_scope_has_its_registry_and_its_login(world: World, tmp_path: Path) -> None:
    """The `/` of a scoped name is encoded; nobody else gets the token."""
    world.pages["/private/@private%2Fthing"] = b'{"versions": {"1.0.0": {"dist": {"tarball": "http://x.invalid/"}}}}'
    world.offer("@public/thing", "1.0.0", {})
    client = registry(world, tmp_path)
    client.releases("@private/thing")
    client.releases("@public/thing")
    (one, first), (two, second) = world.asked
    assert ["/private/@private%2Fthing", "/@public%2Fthing"] == [one, two]
    assert (f"Bearer {MARK}", None) == (first.get("Authorization"), second.get("Authorization"))
    assert not any(MARK.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_listing_is_asked_for_again_by_its_tag(world: World, tmp_path: Path) -> None:
    """Not at all while it is young; then the registry says that nothing changed, or sends what did."""
    clock = [0.0]
    world.offer("thing", "1.0.0", {"integrity": SHA512})
    client = registry(world, tmp_path, clock)
    first = client.releases("thing")
    client.releases("thing")
    assert 1 == len(world.asked)
    clock[0] = LISTING_SECONDS + 1
    assert first == client.releases("thing")
    assert "If-None-Match" in world.asked[1][1]
    world.offer("thing", "1.0.1", {"integrity": SHA512})
    clock[0] = 2 * LISTING_SECONDS + 2
    assert ["1.0.0", "1.0.1"] == [each.version for each in client.releases("thing")]


def test_a_kept_listing_is_used_when_the_registry_is_gone(world: World, tmp_path: Path) -> None:
    """And only then; without one the registry is unreachable."""
    clock = [0.0]
    world.offer("thing", "1.0.0", {"integrity": SHA512})
    client = registry(world, tmp_path, clock)
    first = client.releases("thing")
    clock[0] = LISTING_SECONDS + 1
    world.pages["/thing"] = b"<html>not today"
    assert first == client.releases("thing")
    with pytest.raises(AvrError) as caught:
        registry(world, tmp_path / "other").releases("thing")
    assert "registry.unreachable" == caught.value.code


@pytest.mark.parametrize("name", ["missing", "../x", "@a", "a/b/c", "", "-/" * 9, "x" * 215, "a b", "@a/../b"])
def test_an_unknown_package_is_told(world: World, tmp_path: Path, name: str) -> None:
    """Whether it is no name or nobody has it."""
    with pytest.raises(AvrError) as caught:
        registry(world, tmp_path).releases(name)
    assert "registry.unknown-package" == caught.value.code


def test_an_unpublished_package_is_told(world: World, tmp_path: Path) -> None:
    """A listing without versions."""
    world.pages["/thing"] = b'{"name": "thing", "time": {"unpublished": {}}}'
    with pytest.raises(AvrError, match="unpublished"):
        registry(world, tmp_path).releases("thing")


@pytest.mark.parametrize(
    "dist",
    [
        {"integrity": SHA512},
        {"integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= " + SHA512},
        {"shasum": hashlib.sha1(TARBALL, usedforsecurity=False).hexdigest()},
    ],
)
def test_a_tarball_is_fetched_once_and_checked_always(world: World, tmp_path: Path, dist: dict[str, str]) -> None:
    """By the strongest digest that is listed; a damaged copy in the cache is fetched again."""
    world.offer("thing", "1.0.0", dist)
    world.pages["/1.0.0.tgz"] = TARBALL
    client = registry(world, tmp_path)
    (file,) = client.releases("thing")[0].files
    path = client.download(file)
    assert (TARBALL, path) == (path.read_bytes(), client.download(file))
    path.write_bytes(b"damaged")
    assert TARBALL == client.download(file).read_bytes()
    assert 3 == len(world.asked)


@pytest.mark.parametrize(
    "dist", [{"integrity": "sha512-" + "A" * 86 + "=="}, {"shasum": "0" * 40}, {"integrity": "md5-x"}, {}]
)
def test_a_wrong_or_missing_digest_is_refused(world: World, tmp_path: Path, dist: dict[str, str]) -> None:
    """Nothing of it stays in the cache."""
    world.offer("thing", "1.0.0", dist)
    world.pages["/1.0.0.tgz"] = TARBALL
    client = registry(world, tmp_path)
    with pytest.raises(AvrError) as caught:
        client.download(client.releases("thing")[0].files[0])
    assert "registry.digest" == caught.value.code
    assert not list(tmp_path.rglob("*.tgz"))


def pinned(world: World, cache: Path, data: bytes, version: str = "1.0.0") -> Pin:
    """The pin of a package with this tarball."""
    world.offer("thing", "1.0.0", {"integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()})
    world.pages["/1.0.0.tgz"] = data
    component = Component(ecosystem=EcosystemName.NPM, name="thing", version=version)
    return source.pin(component, registry(world, cache))


def test_a_pin_is_the_tarball_without_its_top_folder(world: World, tmp_path: Path) -> None:
    """Whatever the folder is called, as npm does it."""
    odd = tarball({"thing/package.json": b"{}", "other/lib/a.js": b"1"})
    assert ["lib/a.js", "package.json"] == list(pinned(world, tmp_path, odd, "v1.0.0").tree)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"package/../../x": b""}, "archive.path"),
        ({"/etc/x": b""}, "archive.path"),
        ({"a/x": b"1", "b/x": b"2"}, "archive.duplicate"),
    ],
)
def test_a_hostile_tarball_is_refused(world: World, tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    """Before anything of it is written."""
    with pytest.raises(AvrError) as caught:
        pinned(world, tmp_path, tarball(members))
    assert code == caught.value.code


def test_an_unknown_version_is_told_with_the_newest(world: World, tmp_path: Path) -> None:
    """So that a mistyped pin can be corrected."""
    with pytest.raises(AvrError) as caught:
        pinned(world, tmp_path, TARBALL, "9.9.9")
    assert ("registry.unknown-version", True) == (caught.value.code, "1.0.0" in caught.value.hint)


def test_an_address_that_is_not_http_is_no_release(world: World, tmp_path: Path) -> None:
    """Files of this machine are nothing that a registry may name."""
    world.offer("thing", "1.0.0", {"tarball": "file:///etc/passwd", "integrity": SHA512})
    with pytest.raises(AvrError):
        registry(world, tmp_path).releases("thing")


def test_what_is_kept_is_read_back_as_it_was(world: World, tmp_path: Path) -> None:
    """A second client finds the same releases in the cache."""
    world.offer("thing", "1.0.0", {"integrity": SHA512})
    first = registry(world, tmp_path).releases("thing")
    assert first == registry(world, tmp_path).releases("thing")
    assert 1 == len(world.asked)
    assert isinstance(first[0].files[0], RegistryFile)
