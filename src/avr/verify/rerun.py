"""The capsule of a release: whether it belongs to its folder, and its proof run again where the folder is verified.

Here the environment is resolved anew from the index, and only exploits that ship with this program are run: `avr prove`
takes the capsule's own lock and programs instead.
"""

from concurrent.futures import ThreadPoolExecutor

from avr.ecosystems.interface import Ecosystem
from avr.errors import AvrError, ProofError
from avr.model.backport import Backport
from avr.model.capsule import Expected
from avr.model.evidence import Evidence, Verdict
from avr.model.exploit import ExploitOrigin
from avr.model.identifiers import Gate, State
from avr.model.source import SourceTree
from avr.stages.deliver import layout
from avr.verify import capsule as capsules
from avr.verify.capsule import Capsule
from avr.verify.folder import Folder
from avr.verify.prove import Known, foreign, run
from avr.verify.release import Claim, read_evidence, read_findings
from avr.verify.replay import Replay
from avr.verify.verdict import Judged, Result, judge

SECONDS = 600
"""The time limit of one run of the tests."""
_SHOWN_BY_RUNNING = frozenset({Gate.SECURITY_TEST, Gate.EXPLOIT})


def belonging(folder: Folder, claim: Claim, key: bytes) -> Capsule | None:
    """The capsule of a release, checked to say what the release says; None where the release shows nothing by running.

    Raises `ProofError` `verify.capsule`, or what reading a capsule raises.
    """
    path = f"{claim.part}/{layout.capsule_name(claim.component, claim.version)}"
    if path not in claim.provenance.subjects:
        if _shown(folder, claim):
            raise _wrong(path, "is missing, although the release claims tests or exploits")
        return None
    found = capsules.read(folder.read(path), path, key)
    originals = {each.filename: each.sha256 for each in found.claim.originals}
    if (found.claim.component, found.claim.version) != (claim.component, claim.version):
        raise _wrong(path, f"speaks of {found.claim.component.purl} {found.claim.version}")
    if originals != claim.originals:
        raise _wrong(path, "names other originals than the provenance")
    for inside, outside in _pairs(found, claim):
        if found.members.get(inside) != folder.read(outside):
            raise _wrong(path, f"holds another {inside!r} than {outside!r}")
    lacking = _shown(folder, claim) - {name for each in found.claim.expected for name in _claims(each.advisory, each)}
    if lacking:
        raise _wrong(path, f"does not hold what {min(lacking)[0]} was shown by")
    return found


def rerun(capsule: Capsule, replay: Replay, ecosystem: Ecosystem, suite: SourceTree | None, known: Known) -> str:
    """Run the proof on the original and the patched source; a sentence on what it showed.

    Raises `ProofError` `verify.rerun` where it disagrees, `AvrError` `verify.no-exploit` where this program has another
    exploit or none, or where one came to no verdict, `verify.no-bench` where nothing can run.
    """
    for name in foreign(capsule, known):
        message = f"the release was proved with the exploit {name!r}; this program has none such"
        raise AvrError("verify.no-exploit", message, hint="verify with the version of avr that made the release")
    bench = ecosystem.bench(replay.pin, suite)
    if bench.problem is not None:
        raise AvrError("verify.no-bench", f"the proof cannot run here: {bench.problem}", hint="run avr doctor")
    backport = Backport(
        pinned=replay.pin.tree, patched=replay.patched, ported=capsule.ported, security_tests=capsule.tests
    )
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="sandbox") as pool:
        evidence = run(capsule, bench, backport, pool, SECONDS)
    judged = [judge(each, evidence) for each in capsule.claim.expected]
    for each in judged:
        _agree(each, capsule)
    tests = sum(len(each.turned_green) for each in capsule.claim.expected)
    exploits = sum(len(each.blocked) for each in capsule.claim.expected)
    quoted = sum(each.origin is ExploitOrigin.ADVISORY for each in capsule.exploits.values())
    remark = f" ({quoted} run code that is said to stand in an advisory's text)" if quoted else ""
    return f"{tests} tests and {exploits} exploits{remark} turn from red to green by the patch"


def _agree(judged: Judged, capsule: Capsule) -> None:
    if judged.result is Result.PROVED:
        return
    message = f"{capsule.name!r}: {judged.advisory}: {'; '.join(judged.reasons)}"
    absent_tests = set(judged.claimed) - set(judged.seen) - capsule.exploits.keys()
    if judged.result is Result.DISPROVED or absent_tests:
        raise ProofError("verify.rerun", message, hint="the recorded proof does not hold on this machine")
    raise AvrError("verify.no-exploit", message, hint="run it again on a machine with less load")


def _pairs(capsule: Capsule, claim: Claim) -> list[tuple[str, str]]:
    """Members of the capsule with the files of the release that they must equal."""
    tests = [f"{layout.SECURITY_TESTS}/{path}" for path in capsule.tests]
    same = [layout.EVIDENCE, layout.BACKPORT, *tests]
    return [(layout.CAPSULE_PATCH, claim.patch), *((each, f"{claim.part}/{each}") for each in same)]


def _shown(folder: Folder, claim: Claim) -> set[tuple[str, str]]:
    """What the release says was shown by running something, by advisory, for findings that it calls fixed."""
    fixed = {each.finding.id for each in read_findings(folder, claim) if each.state is State.FIXED}
    passed = [
        each
        for each in read_evidence(folder, claim)
        if each.gate in _SHOWN_BY_RUNNING and each.verdict is Verdict.PASSED and each.advisory in fixed
    ]
    return {(str(each.advisory), name) for each in passed for name in _named(each)}


def _named(evidence: Evidence) -> list[str]:
    names = (
        evidence.facts.get("turned_green") if evidence.gate is Gate.SECURITY_TEST else [evidence.facts.get("exploit")]
    )
    return [str(each) for each in names] if isinstance(names, list) else []


def _claims(advisory: str, expected: Expected) -> set[tuple[str, str]]:
    return {(advisory, name) for name in (*expected.turned_green, *expected.blocked)}


def _wrong(path: str, what: str) -> ProofError:
    return ProofError("verify.capsule", f"{path!r} {what}", hint="do not use this folder; fetch it again")
