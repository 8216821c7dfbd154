"""The exact pinned source: the tarball of a release, checked and unpacked as hostile."""

from collections.abc import Sequence
from pathlib import Path

from avr.ecosystems.interface import Pin, Registry, RegistryRelease
from avr.ecosystems.npm import integrity, versions
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.source import SourceTree
from avr.tools.archives import unpack


def pin(component: Component, registry: Registry) -> Pin:
    """Fetch and unpack the release that `component` names.

    Raises `AvrError` `registry.unknown-version`, `registry.digest` where the lock file demands another tarball than the
    registry has, and what downloading and unpacking raise.
    """
    release = _release(component, registry.releases(component.name))
    tarball = registry.download(release.files[0])
    _check(component, tarball)
    tree = _stripped(unpack(tarball), tarball.name)
    return Pin(component=component, tree=tree, sdist=tarball, wheel=None, released=release.uploaded)


def _release(component: Component, releases: Sequence[RegistryRelease]) -> RegistryRelease:
    for each in releases:
        if versions.same(each.version, component.version):
            return each
    newest = ", ".join(each.version for each in releases[-3:])
    hint = f"the registry has {len(releases)} releases, the newest are {newest}; correct the pin or add its registry"
    message = f"no release {component.version!r} of {component.name!r} on the registry"
    raise AvrError("registry.unknown-version", message, hint=hint)


def _check(component: Component, tarball: Path) -> None:
    """Whether the tarball is the one that the lock file pins: every digest of a kind that is known must be its own."""
    for demanded in component.hashes:
        for each in demanded.split():
            known = integrity.strongest({"integrity": each})
            if known is not None and not integrity.matches(tarball, known):
                message = f"{component} is pinned as {each}, and the registry's tarball is {integrity.of(tarball)}"
                hint = "name the registry that it came from in npm's configuration; nothing was made from it"
                raise AvrError("registry.digest", message, hint=hint)


def _stripped(tree: SourceTree, name: str) -> SourceTree:
    """The tree without the first folder of each path, whatever its name is, as npm unpacks it."""
    inner = {path: path.partition("/")[2] for path in tree}
    files = {new: tree.files[old] for old, new in inner.items() if new}
    if len(files) != sum(1 for new in inner.values() if new):
        message = f"the archive {name!r} has two files for one place under several top folders"
        raise AvrError("archive.duplicate", message, hint="it was not unpacked; nothing sound is packed like this")
    executable = frozenset(inner[path] for path in tree.executable if inner[path])
    return SourceTree(files=files, executable=executable)
