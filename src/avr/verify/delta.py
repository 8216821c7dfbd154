"""Compares the artifacts with the registry's files anew, and with what the release says of the difference."""

from avr.errors import AvrError, ProofError
from avr.stages.deliver import layout
from avr.stages.deliver.delta import deltas
from avr.verify.folder import Folder
from avr.verify.release import Claim
from avr.verify.replay import Replay


def check(folder: Folder, claim: Claim, replay: Replay, key: bytes) -> str:
    """A sentence on how the artifacts differ from the originals.

    Raises `ProofError` `verify.delta` where the release says otherwise, and `AvrError` `verify.delta-unexplained`
    where a member differs that neither the patch nor the new version explains.
    """
    path = f"{claim.part}/{layout.DELTA}"
    said = folder.statement(path, key, layout.DELTA_TYPE)
    files = {name: folder.read(layout.artifact(name)) for name in claim.artifacts}
    found = deltas(replay.pin, replay.patched, claim.version, files)
    if said.predicate.get("archives") != [each.predicate() for each in found]:
        message = f"{path!r} says something else of the artifacts than a comparison with the originals shows"
        raise ProofError("verify.delta", message, hint="do not install them")
    for each in found:
        if each.unexplained:
            message = (
                f"{each.patched.name!r} differs from the original in {each.unexplained[0]!r}, by more than the patch"
            )
            raise AvrError("verify.delta-unexplained", message, hint=f"{path} lists every member; review them")
    if not found:
        return "the registry has no file to compare with"
    changed = sum(len(each.members) for each in found)
    return f"{len(found)} archives differ from the registry's in {changed} members, by the patch and the version alone"
