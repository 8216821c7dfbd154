"""Proves a capsule again on this machine: everything by digest, everything in the sandbox, the verdict our own."""

import tempfile
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.interface import Bench, Laboratory, Pin
from avr.model.backport import Backport
from avr.model.capsule import Conditions, NamedFile
from avr.model.evidence import Evidence
from avr.model.exploit import Exploit, ExploitOrigin
from avr.proofs import library, quoted
from avr.stages.validate.again import again
from avr.tools import signing
from avr.verify.capsule import Capsule
from avr.verify.replay import patched_tree
from avr.verify.stock import Fetch, gather
from avr.verify.verdict import Proof, judge

Tell = Callable[[str, str], None]
"""Hears of each step that held: its name and what it showed."""
Known = Callable[[str, str], tuple[Exploit, ...]]
"""The exploits of a package that ship with this program, by ecosystem and name."""

_UNKNOWN_KEY = (
    "the key {key} is unknown here: the signature shows that the capsule is whole, not who made it. "
    "Name a key that you trust with --key"
)
_FOREIGN = (
    "the exploit {name} is not the one of this program: what it calls fired and blocked is its maker's word "
    "as far as its signal leaves no trace outside"
)

_QUOTED = (
    "the exploit {name} runs proof-of-concept code that is said to stand in the advisory's text: "
    "that it tells upstream's fixed release from the pin was seen by the capsule's maker alone"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a proof is run with; `seconds` limits one run of tests, `trusted` is the user's own or pinned key (PEM)."""

    laboratory: Laboratory
    fetch: Fetch
    executor: Executor
    seconds: int
    trusted: bytes | None = None
    tell: Tell = lambda _name, _what: None


def needed(capsule: Capsule, laboratory: Laboratory) -> tuple[Conditions, tuple[NamedFile, ...]]:
    """The conditions of the capsule's lock, and every file that is not inside it: originals, then dependencies."""
    conditions = laboratory.read(capsule.lock)
    lacking = (each for each in conditions.packages if each.filename not in capsule.wheels)
    return conditions, (*capsule.claim.originals, *lacking)


def prove(capsule: Capsule, means: Means) -> Proof:
    """Run the tests and exploits of a capsule before and after its patch, and judge what they show.

    Raises `ProofError` where a digest or the patch disagrees, `AvrError` where it cannot be run here.
    """
    key = signing.key_id(capsule.key)
    means.tell("capsule", f"signed by {key[:16]}, {len(capsule.members)} members have their digests")
    conditions, files = needed(capsule, means.laboratory)
    interpreter = means.laboratory.require(conditions)
    with tempfile.TemporaryDirectory(prefix="avr-prove-") as scratch:
        folder = Path(scratch)
        pin = _pin(capsule, means, folder / "original")
        names = ", ".join(each.filename for each in capsule.claim.originals)
        means.tell("original", f"{names}: the digests are those of the capsule")
        backport = _backport(capsule, pin)
        means.tell("patch", f"applies and changes {', '.join(backport.changed_paths)}")
        gather(conditions.packages, means.fetch, capsule.wheels, folder / "files")
        bench = means.laboratory.bench(pin, conditions, folder / "files", capsule.suite)
        means.tell("environment", f"{interpreter}, {len(conditions.packages)} dependencies by digest")
        evidence = run(capsule, bench, backport, means.executor, means.seconds)
    return Proof(
        capsule=capsule.name,
        package=capsule.claim.component.purl,
        version=capsule.claim.version,
        signed_by=key,
        advisories=tuple(judge(each, evidence) for each in capsule.claim.expected),
        evidence=evidence,
        facts={"interpreter": interpreter, "files": str(len(files))},
        warnings=(*_about_key(capsule, means.trusted), *_about_exploits(capsule, of_library)),
    )


def run(capsule: Capsule, bench: Bench, backport: Backport, executor: Executor, seconds: int) -> tuple[Evidence, ...]:
    """The evidence that the capsule's tests and exploits give on a bench."""
    armoury = {each.advisory: [capsule.exploits[name] for name in each.blocked] for each in capsule.claim.expected}
    own = [path for path in capsule.tests if path in backport.pinned or path in capsule.suite]
    return again(bench, backport, armoury, own, seconds, executor)


def of_library(ecosystem: str, package: str) -> tuple[Exploit, ...]:
    """The exploits that ship with this program."""
    return tuple(each for each in library.everything(ecosystem) if each.package == package)


def foreign(capsule: Capsule, known: Known) -> tuple[str, ...]:
    """The capsule's exploits that are not, byte for byte, those of this program, or code quoted by it."""
    component = capsule.claim.component
    own = {each.digest for each in known(component.ecosystem.lower(), component.name)}
    return tuple(
        name for name, each in sorted(capsule.exploits.items()) if each.digest not in own and not quoted.is_own(each)
    )


def _pin(capsule: Capsule, means: Means, folder: Path) -> Pin:
    paths = gather(capsule.claim.originals, means.fetch, {}, folder)
    return means.laboratory.pin(capsule.claim.component, paths)


def _backport(capsule: Capsule, pin: Pin) -> Backport:
    patched = patched_tree(pin.tree, capsule.patch, capsule.name)
    return Backport(pinned=pin.tree, patched=patched, ported=capsule.ported, security_tests=capsule.tests)


def _about_key(capsule: Capsule, trusted: bytes | None) -> tuple[str, ...]:
    key = signing.key_id(capsule.key)
    known = trusted is not None and signing.key_id(trusted) == key
    return () if known else (_UNKNOWN_KEY.format(key=key[:16]),)


def _about_exploits(capsule: Capsule, known: Known) -> tuple[str, ...]:
    strange = foreign(capsule, known)
    advisory = (name for name, each in capsule.exploits.items() if each.origin is ExploitOrigin.ADVISORY)
    return (
        *(_FOREIGN.format(name=name) for name in strange),
        *(_QUOTED.format(name=name) for name in sorted(advisory) if name not in strange),
    )
