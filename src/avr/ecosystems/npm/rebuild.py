"""The tarball of a patched pin: the registry's own members with the patch in them.

`package.json` and with it the version stay as they are, docs/decisions/0019-npm-version-stays.md.
"""

from avr.ecosystems.interface import Built, Pin
from avr.ecosystems.npm import integrity, versions
from avr.model.source import SourceTree
from avr.tools.archives import pack_targz, unpack
from avr.tools.blobs import digest_of

_TOP = "package"


def rebuild(pin: Pin, patched: SourceTree, revision: int, mtime: int) -> Built:
    """The tarball `NAME-X-avr.<revision>.tgz`; the same input gives the same bytes.

    `mtime` (Unix seconds) is the time of every member. Raises `AvrError` `archive.*` where the original is not sound.
    """
    version = versions.patched(pin.component.version, revision)
    name = f"{pin.component.slug}-{version}.tgz"
    facts: dict[str, str | int | float | list[str]] = {
        "tarball": name,
        "version_inside": pin.component.version,
        "unpatched_differs_from_registry": _differing(pin, mtime),
    }
    if pin.sdist is not None:
        facts["registry_tarball"] = pin.sdist.name
        facts["registry_tarball_integrity"] = integrity.of(pin.sdist)
        facts["registry_tarball_sha256"] = digest_of(pin.sdist.read_bytes())
    return Built(version=version, files={name: pack_targz(patched, _TOP, mtime)}, facts=facts)


def _differing(pin: Pin, mtime: int) -> list[str]:
    """Members that differ between the registry's tarball and the unpatched pin, packed as the patched one is."""
    if pin.sdist is None:
        return ["the registry's tarball is not at hand"]
    original = unpack(pin.sdist, strip_top=True)
    again = unpack(pack_targz(pin.tree, _TOP, mtime), strip_top=True)
    paths = sorted({*original, *again})
    return [each for each in paths if original.get(each) != again.get(each)]
