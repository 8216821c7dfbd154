"""What every run of an exploit has in common: files laid out before, the verdict read from what was left after."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from avr.model.evidence import TestRun, TestStatus
from avr.model.exploit import Exploit
from avr.proofs.reading import Left, Reading, Shown, read
from avr.tools import leftovers
from avr.tools.blobs import BlobStore
from avr.tools.sandbox import Completed, Mount

PROOF = "/opt/proof"
_RESULTS = "/results"
_LARGEST_REPORT = 1 << 20
_STATUS = {
    Shown.FIRED: TestStatus.FAILED,
    Shown.BLOCKED: TestStatus.PASSED,
    Shown.INCONCLUSIVE: TestStatus.ERROR,
}
"""An exploit is a security test: red while the hole is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One run: its folder, the exploit, and the values that nobody can know before."""

    folder: Path
    exploit: Exploit
    nonce: str
    secret: str

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Program and contract, read-only, and the folder for results."""
        return (
            Mount(source=self.folder / "proof", target=PROOF),
            Mount(source=self.folder / "results", target=_RESULTS, writable=True),
        )

    @property
    def program(self) -> str:
        """The program's path inside the sandbox."""
        return f"{PROOF}/{self.exploit.name}"

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables that the contract reads."""
        return {"HOME": "/tmp", "AVR_PROOF": PROOF}  # noqa: S108 - the sandbox's own /tmp

    def judge(self, done: Completed, blobs: BlobStore) -> TestRun:
        """One result by the exploit's name: red for fired, green for blocked, else an error with its reason.

        The program, its contract and the output are kept as blobs.
        """
        exploit, reading = self.exploit, self._reading(done)
        said = f"verdict: {reading.shown.value}: {reading.detail}\n".encode()
        blobs.put(exploit.program)
        blobs.put(exploit.contract)
        return TestRun(
            command=(exploit.runtime, exploit.name),
            results={exploit.name: _STATUS[reading.shown]},
            exit_code=done.exit_code,
            seconds=round(done.seconds, 3),
            log=blobs.put(done.output + said),
            problem="" if reading.shown is not Shown.INCONCLUSIVE else f"inconclusive: {reading.detail[-300:]}",
        )

    def _reading(self, done: Completed) -> Reading:
        if done.problem or done.exit_code != 0:
            how = done.problem or f"exit code {done.exit_code}"
            return Reading(shown=Shown.INCONCLUSIVE, detail=f"the program ended by {how}: {done.text[-200:]}")
        return read(self._left(done.seconds), self.exploit.signal, self.nonce, self.secret)

    def _left(self, seconds: float) -> Left:
        results = self.folder / "results"
        witness = results / f"ran-{self.nonce}"
        return Left(
            report=leftovers.regular(results / "report.json", _LARGEST_REPORT),
            witness=witness.is_dir() and not witness.is_symlink(),
            seconds=seconds,
        )


def prepare(folder: Path, exploit: Exploit) -> Stage:
    """Lay out program, contract, nonce and secret in `folder`, which is made for this run."""
    stage = Stage(folder=folder, exploit=exploit, nonce=secrets.token_hex(16), secret=secrets.token_hex(16))
    proof = folder / "proof"
    proof.mkdir()
    contents = {exploit.name: exploit.program, exploit.contract_name: exploit.contract}
    contents |= {"nonce": stage.nonce.encode(), "secret": stage.secret.encode()}
    for name, data in contents.items():
        (proof / name).write_bytes(data)
        (proof / name).chmod(0o644)
    (folder / "results").mkdir(mode=0o700)
    return stage
