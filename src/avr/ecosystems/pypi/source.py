"""The exact pinned source: which files of a release stand for it, checked against the manifest and unpacked."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from avr.ecosystems.interface import FileKind, Pin, Registry, RegistryFile, RegistryRelease
from avr.ecosystems.pypi import versions
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.source import SourceTree
from avr.tools.archives import unpack

_COMPILED = (".so", ".pyd", ".dylib", ".dll")


def pin(component: Component, registry: Registry) -> Pin:
    """Fetch and unpack the release that `component` names: the source archive, and the pure wheel beside it.

    Raises `AvrError` `registry.unknown-version`, `registry.no-source` (nothing but compiled wheels),
    `registry.hash-mismatch` (the manifest demands other files), and what downloading and unpacking raise.
    """
    release = _release(component, registry.releases(component.name))
    _listed(component, release.files)
    sdist_file, wheel_file = _sdist(release.files), pure_wheel(release.files)
    sdist = registry.download(sdist_file) if sdist_file else None
    wheel = registry.download(wheel_file) if wheel_file else None
    wheel_tree = _pure_tree(wheel) if wheel else None
    if wheel_tree is None:
        wheel = None
    tree = unpack(sdist, strip_top=True) if sdist else wheel_tree
    if tree is None:
        raise _no_source(component, release.files)
    _demanded(component, release.files, [each for each in (sdist, wheel) if each])
    return Pin(
        component=component, tree=tree, sdist=sdist, wheel=wheel, released=release.uploaded, from_wheel=sdist is None
    )


def pure_wheel(files: Iterable[RegistryFile]) -> RegistryFile | None:
    """The wheel for every platform, the one for the newest Python where there are several; None without any."""
    pure = [
        (tags, each) for each in files if each.kind is FileKind.WHEEL for tags in [_pure_tags(each.filename)] if tags
    ]
    return max(pure, key=lambda item: (item[0], item[1].filename))[1] if pure else None


def _pure_tags(filename: str) -> str:
    """The Python tags of a pure wheel, `py2.py3` or `py3`, newest last; empty for a compiled one."""
    try:
        tags = parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return ""
    if any(tag.platform != "any" or tag.abi != "none" for tag in tags):
        return ""
    return max(tag.interpreter for tag in tags)


def _sdist(files: Iterable[RegistryFile]) -> RegistryFile | None:
    """The source archive, the gzipped tar where several forms are listed."""
    found = [each for each in files if each.kind is FileKind.SDIST]
    order = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz")
    ranks = {each.filename: [each.filename.endswith(end) for end in order] for each in found}
    return max(found, key=lambda each: ranks[each.filename], default=None)


def _pure_tree(wheel: Path) -> SourceTree | None:
    tree = unpack(wheel)
    return None if any(path.endswith(_COMPILED) for path in tree) else tree


def _release(component: Component, releases: Sequence[RegistryRelease]) -> RegistryRelease:
    for each in releases:
        if versions.same(each.version, component.version):
            return each
    newest = ", ".join(each.version for each in releases[-3:])
    hint = f"the index has {len(releases)} releases, the newest are {newest}; correct the pin or add its index"
    message = f"no release {component.version!r} of {component.name!r} on the index"
    raise AvrError("registry.unknown-version", message, hint=hint)


def _no_source(component: Component, files: Iterable[RegistryFile]) -> AvrError:
    names = ", ".join(repr(each.filename) for each in files)
    hint = "a backport needs the source archive or a pure-Python wheel; ask upstream for the source, or upgrade"
    return AvrError("registry.no-source", f"{component} has no source on the index, only {names}", hint=hint)


def _listed(component: Component, files: Iterable[RegistryFile]) -> None:
    """Refuse before any download where all digests are listed and none is demanded."""
    listed = {f"sha256:{each.sha256}" for each in files}
    demanded = set(component.hashes)
    told = "sha256:None" not in listed and all(each.startswith("sha256:") for each in demanded)
    if demanded and told and not demanded & listed:
        raise _mismatch(component)


def _demanded(component: Component, files: Iterable[RegistryFile], fetched: Iterable[Path]) -> None:
    """Refuse where the manifest's hashes, of whatever algorithm, match neither a listed nor a fetched file."""
    demanded = set(component.hashes)
    if not demanded or demanded & {f"sha256:{each.sha256}" for each in files}:
        return
    algorithms = {each.partition(":")[0] for each in demanded} & hashlib.algorithms_guaranteed
    contents = [path.read_bytes() for path in fetched]
    if not demanded & {f"{name}:{_hex(name, data)}" for name in algorithms for data in contents}:
        raise _mismatch(component)


def _hex(algorithm: str, data: bytes) -> str:
    return "" if algorithm.startswith("shake_") else hashlib.new(algorithm, data).hexdigest()


def _mismatch(component: Component) -> AvrError:
    hint = "the index serves other files than the ones that were pinned: find out why before you go on"
    message = f"no file of {component} has a hash that the manifest demands ({', '.join(component.hashes)})"
    return AvrError("registry.hash-mismatch", message, hint=hint)
