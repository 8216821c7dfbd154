"""Verifies an output folder: every check that can be made is made, and each says what it showed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from avr.ecosystems.interface import Ecosystem
from avr.errors import AvrError, ProofError, UsageError
from avr.model.component import Component
from avr.stages.deliver import layout
from avr.tools import signing
from avr.verify import delta, replay, rerun
from avr.verify.capsule import Capsule
from avr.verify.folder import Folder, Statement
from avr.verify.prove import Known, of_library
from avr.verify.release import Claim, overclaimed, read_claim, read_plan
from avr.verify.result import Check, CheckState, Verification, ended

T = TypeVar("T")
KEY_LIMIT = 64 << 10
"""The largest public key, in bytes."""

_OWN_KEY = (
    f"{layout.PUBLIC_KEY} of the folder itself was used: whoever made the folder could have made the key. "
    "Name a key that you trust with --key"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify and how far: `key` is a public key as PEM, None for the one that lies in the folder."""

    folder: Path
    key: bytes | None = None
    rerun: bool = False


def verify_folder(
    request: Request,
    ecosystem_of: Callable[[Component], Ecosystem],
    suite_of: replay.SuiteOf,
    tell: Callable[[Check], None] = lambda _: None,
    known: Known = of_library,
) -> Verification:
    """All checks of an output folder; each is given to `tell` as soon as it ended.

    Raises `UsageError` `verify.no-folder` where there is nothing to verify; everything else becomes a check.
    """
    folder = Folder(request.folder)
    if not (request.folder / layout.MANIFEST).is_file():
        hint = "name the output folder of `avr fix`, the one with report.html"
        raise UsageError("verify.no-folder", f"no {layout.MANIFEST} in {str(request.folder)!r}", hint=hint)
    run = _Run(folder=folder, ecosystem_of=ecosystem_of, suite_of=suite_of, rerun=request.rerun, tell=tell, known=known)
    warnings: tuple[str, ...] = ()
    key = request.key
    if key is None:
        key = run.step(".", "key", lambda: folder.read(layout.PUBLIC_KEY, KEY_LIMIT), lambda _: "read from the folder")
        warnings = (_OWN_KEY,)
    if key is not None:
        run.folder_checks(key)
    return Verification(folder=str(request.folder), checks=tuple(run.checks), warnings=warnings)


@dataclass(slots=True, kw_only=True)
class _Run:
    """The checks so far of one folder."""

    folder: Folder
    ecosystem_of: Callable[[Component], Ecosystem]
    suite_of: replay.SuiteOf
    rerun: bool
    tell: Callable[[Check], None]
    known: Known
    checks: list[Check] = field(default_factory=list)

    def step(self, part: str, name: str, work: Callable[[], T], words: Callable[[T], str]) -> T | None:
        """One check: what `work` gives, or None where it did not hold or could not be made."""
        try:
            value = work()
        except AvrError as error:
            self._note(ended(part, name, error))
            return None
        except OSError as error:
            self._note(Check(part=part, name=name, state=CheckState.UNCHECKED, detail=str(error)))
            return None
        self._note(Check(part=part, name=name, state=CheckState.PASSED, detail=words(value)))
        return value

    def folder_checks(self, key: bytes) -> None:
        """The manifest, every file, then each release."""
        signed = self.step(
            ".",
            "manifest",
            lambda: self.folder.statement(layout.MANIFEST, key, layout.MANIFEST_TYPE),
            lambda found: f"signed by {signing.key_id(key)[:16]}, {len(found.subjects)} files",
        )
        if signed is not None:
            self._files(signed)
        parts = sorted({*(_parts(signed.subjects) if signed else ()), *self._found_parts()})
        for part in parts:
            self._release(part, key)

    def _found_parts(self) -> Iterator[str]:
        for place in sorted(self.folder.root.iterdir()):
            if not place.is_symlink() and place.is_dir() and (place / layout.PROVENANCE).is_file():
                yield place.name

    def _files(self, manifest: Statement) -> None:
        wrong = list(self._wrong_files(manifest))
        for each in wrong:
            self._note(Check(part=".", name="files", state=CheckState.FAILED, detail=each))
        if not wrong:
            detail = f"{len(manifest.subjects)} files are what the manifest says, none is missing or extra"
            self._note(Check(part=".", name="files", state=CheckState.PASSED, detail=detail))

    def _wrong_files(self, manifest: Statement) -> Iterator[str]:
        yield from self.folder.differing(manifest)
        try:
            listed = {*manifest.subjects, layout.MANIFEST}
            yield from (f"{path!r} is not in the manifest" for path in self.folder.paths() if path not in listed)
        except ProofError as error:
            yield error.message

    def _release(self, part: str, key: bytes) -> None:
        path = f"{part}/{layout.PROVENANCE}"
        claim = self.step(
            part,
            "provenance",
            lambda: read_claim(part, self.folder.statement(path, key, layout.SLSA_PROVENANCE)),
            lambda found: f"signed; {found.version} from {', '.join(sorted(found.originals))}",
        )
        if claim is None:
            return
        wrong = list(self.folder.differing(claim.provenance))
        for each in wrong:
            self._note(Check(part=part, name="digests", state=CheckState.FAILED, detail=each))
        if not wrong:
            detail = f"{len(claim.provenance.subjects)} files are what the provenance says"
            self._note(Check(part=part, name="digests", state=CheckState.PASSED, detail=detail))
        capsule = self._capsule(claim, key)
        self._proof(claim)
        self._replayed(claim, key, capsule)

    def _capsule(self, claim: Claim, key: bytes) -> Capsule | None:
        def words(found: Capsule | None) -> str:
            if found is None:
                return "there is none: nothing was shown by running something"
            return f"signed, {len(found.members)} members have their digests and are the release's own"

        return self.step(claim.part, "capsule", lambda: rerun.belonging(self.folder, claim, key), words)

    def _proof(self, claim: Claim) -> None:
        def work() -> None:
            found = overclaimed(self.folder, claim)
            if found is not None:
                raise ProofError("verify.assurance", found, hint="the evidence and the claim do not belong together")

        self.step(claim.part, "evidence", work, lambda _: "every claimed level follows from the evidence")

    def _replayed(self, claim: Claim, key: bytes, capsule: Capsule | None) -> None:
        part, folder, ecosystem = claim.part, self.folder, self.ecosystem_of(claim.component)
        names = ", ".join(sorted(claim.originals))
        pin = self.step(
            part, "original", lambda: replay.fetch(claim, ecosystem), lambda _: f"the registry serves the same {names}"
        )
        if pin is None:
            return
        made = self.step(
            part,
            "patch",
            lambda: replay.apply(folder, claim, pin),
            lambda _: "applies to the original and gives the files inside the artifacts",
        )
        if made is None:
            return
        files = ", ".join(sorted(claim.artifacts))
        self.step(
            part,
            "rebuild",
            lambda: replay.rebuild(folder, claim, made, ecosystem),
            lambda _: f"byte for byte the same: {files}",
        )
        self.step(part, "delta", lambda: delta.check(folder, claim, made, key), str)
        if self.rerun and capsule is not None:
            self.step(part, "proof", lambda: self._rerun(claim, made, capsule), str)

    def _rerun(self, claim: Claim, made: replay.Replay, capsule: Capsule) -> str:
        suite = self.suite_of(made.pin, read_plan(self.folder, claim))
        return rerun.rerun(capsule, made, self.ecosystem_of(claim.component), suite, self.known)

    def _note(self, check: Check) -> None:
        self.checks.append(check)
        self.tell(check)


def _parts(paths: Iterable[str]) -> set[str]:
    return {path.partition("/")[0] for path in paths if path.endswith(f"/{layout.PROVENANCE}")}
