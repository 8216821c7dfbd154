"""Does again what a release claims was done: fetch, apply, rebuild, compare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from avr.ecosystems.interface import Ecosystem, Pin
from avr.errors import AvrError, ProofError
from avr.model.plan import Plan
from avr.model.source import SourceTree
from avr.stages.deliver import layout
from avr.tools.archives import unpack
from avr.tools.blobs import digest_of
from avr.tools.unified import apply_unified
from avr.verify.folder import Folder
from avr.verify.release import Claim

SuiteOf = Callable[[Pin, Plan], SourceTree | None]
"""Where the tests of a pin come from when its source archive has none, as in the run that is verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The original, fetched from the registry, and the patched tree made from it anew."""

    pin: Pin
    patched: SourceTree


def fetch(claim: Claim, ecosystem: Ecosystem) -> Pin:
    """The original from the registry; raises `ProofError` `verify.original` where its digest is another one."""
    pin = ecosystem.pin(claim.component)
    found = {path.name: digest_of(path.read_bytes()) for path in pin.originals}
    for name in sorted(found.keys() | claim.originals.keys()):
        if found.get(name) != claim.originals.get(name):
            message = (
                f"{claim.provenance.name!r} was made from {name!r} with SHA-256 {claim.originals.get(name)}, "
                f"the registry's has {found.get(name)}"
            )
            raise ProofError("verify.original", message, hint="the release was not made from the public original")
    return pin


def apply(folder: Folder, claim: Claim, pin: Pin) -> Replay:
    """Apply the patch to the original and compare with the files inside the artifacts.

    Raises `ProofError` `verify.patch` or `verify.artifact`, naming the file.
    """
    patched = patched_tree(pin.tree, folder.read(claim.patch), claim.patch)
    changed = {path: data for path, data in patched.files.items() if pin.tree.get(path) != data}
    for name in claim.artifacts:
        _compare(layout.artifact(name), folder, changed, is_wheel=name.endswith(".whl"))
    return Replay(pin=pin, patched=patched)


def patched_tree(original: SourceTree, patch: bytes, name: str) -> SourceTree:
    """The original with the patch applied, without fuzz; raises `ProofError` `verify.patch` where it does not fit."""
    try:
        return apply_unified(original, patch)
    except ProofError:
        raise
    except AvrError as error:
        message = f"{name!r} does not apply to the original: {error.message}"
        raise ProofError("verify.patch", message, hint="the patch is not the one of this release") from error


def _compare(path: str, folder: Folder, changed: Mapping[str, bytes], *, is_wheel: bool) -> None:
    try:
        inside = unpack(folder.read(path), name=path, strip_top=not is_wheel)
    except ProofError:
        raise
    except AvrError as error:
        raise ProofError("verify.artifact", f"{path!r} cannot be read: {error.message}", hint=error.hint) from error
    for source, data in changed.items():
        names = [source] if not is_wheel else [each for each in inside if f"/{source}".endswith(f"/{each}")]
        for name in names:
            if inside.get(name) != data:
                message = f"{path!r} holds another {name!r} than the patch makes of the original"
                raise ProofError("verify.artifact", message, hint="do not install it")


def rebuild(folder: Folder, claim: Claim, replay: Replay, ecosystem: Ecosystem) -> None:
    """Rebuild the artifacts and compare bytes; raises `ProofError` `verify.rebuild`, naming the file."""
    built = ecosystem.rebuild(replay.pin, replay.patched, claim.revision)
    for name in sorted(built.files.keys() | claim.artifacts.keys()):
        path = layout.artifact(name)
        if name not in claim.artifacts:
            raise ProofError("verify.rebuild", f"a rebuild makes {path!r}, which the release lacks", hint="fetch again")
        if name not in built.files:
            why = f": {'; '.join(built.problems)}" if built.problems else ""
            raise AvrError("verify.not-rebuilt", f"{path!r} could not be rebuilt here{why}", hint="run avr doctor")
        if built.files[name] != folder.read(path):
            message = f"{path!r} is not what a rebuild gives: {_first_difference(built.files[name], folder.read(path))}"
            raise ProofError("verify.rebuild", message, hint="do not install it")


def _first_difference(ours: bytes, theirs: bytes) -> str:
    shared = next((at for at, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two), None)
    return f"{len(ours)} and {len(theirs)} bytes" if shared is None else f"first difference at byte {shared}"
