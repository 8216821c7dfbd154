"""Proving a capsule: by what is seen here, from files by digest, never by what the capsule says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from avr.ecosystems.interface import Bench, Pin, TestRequest
from avr.errors import AvrError, ExitCode, ProofError
from avr.model.capsule import CapsuleClaim, Conditions, NamedFile
from avr.model.component import Component
from avr.model.evidence import TestRun
from avr.model.identifiers import Digest
from avr.model.source import SourceTree
from avr.stages.deliver.act import contents
from avr.stages.deliver.capsule import capsule as write
from avr.testing import deliveries
from avr.testing.tiny import TinyBench, TinyEcosystem
from avr.tools.archives import unpack
from avr.tools.blobs import digest_of
from avr.tools.signing import SigningKey, load_key
from avr.verify.capsule import Capsule, read
from avr.verify.prove import Means, needed, prove
from avr.verify.stock import Index, Shelf, gather
from avr.verify.verdict import Proof, Result


class NeverGreen(TinyBench):
    """A bench on which the patch does not help."""

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """The run of an empty tree."""
        del tree
        return TinyBench.run(self, SourceTree(files={}), tests, request)


class AlwaysGreen(TinyBench):
    """A bench on which the pin seems not to be affected."""

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """The run of a mended tree."""
        del tree
        return TinyBench.run(self, SourceTree(files={"x": b"raise ValueError"}), tests, request)


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyLaboratory:
    """A laboratory of one interpreter without dependencies."""

    make: Callable[[], Bench] = TinyBench
    packages: tuple[NamedFile, ...] = ()

    def read(self, lock: bytes) -> Conditions:
        """The only lock that there is."""
        assert lock == b"tiny\n"
        return Conditions(interpreter=(3, 11, 0), packages=self.packages)

    def require(self, conditions: Conditions) -> str:
        """It is always there."""
        del conditions
        return "Tiny 3.11"

    def pin(self, component: Component, files: Sequence[Path]) -> Pin:
        """From the source archive."""
        sdist = next(each for each in files if each.suffix == ".gz")
        return Pin(component=component, tree=unpack(sdist, strip_top=True), sdist=sdist, wheel=None, released=None)

    def bench(self, pin: Pin, conditions: Conditions, folder: Path, overlay: Mapping[str, bytes]) -> Bench:
        """The bench given at construction, where every dependency is at hand."""
        del pin, overlay
        assert {each.filename for each in conditions.packages} == {each.name for each in folder.glob("*")}
        return self.make()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A capsule, what made it, and threads to prove it with."""

    key: SigningKey
    data: bytes
    index: TinyEcosystem
    executor: Executor

    @property
    def capsule(self) -> Capsule:
        """The capsule, read anew."""
        return read(self.data, "thing.capsule.zip", self.key.public)

    def prove(
        self, make: Callable[[], Bench] = TinyBench, *, trusted: bool = True, capsule: Capsule | None = None
    ) -> Proof:
        """Prove it with files of the tiny index."""
        means = Means(
            laboratory=TinyLaboratory(make=make),
            fetch=Index(registry=self.index.registry),
            executor=self.executor,
            seconds=10,
            trusted=self.key.public if trusted else None,
        )
        return prove(capsule or self.capsule, means)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk for one test."""
    index, key = TinyEcosystem(tmp_path / "index"), load_key(tmp_path / "home")
    delivery = deliveries.delivery(index)
    data = write(delivery, contents(delivery), key)
    assert data is not None
    with ThreadPoolExecutor(2) as pool:
        yield Desk(key=key, data=data, index=index, executor=pool)


def test_a_true_claim_is_proved(desk: Desk) -> None:
    """Red before, green after, by the gates' own rules."""
    proof = desk.prove()
    assert (Result.PROVED, ExitCode.OK, ()) == (proof.result, proof.exit_code, proof.warnings)
    (g4,) = proof.evidence
    assert (["failed"], ["passed"]) == (
        [status.value for status in g4.before[0].results.values()],
        [status.value for status in g4.after[0].results.values()],
    )


def test_a_test_that_stays_red_disproves(desk: Desk) -> None:
    """Whatever the signed evidence says."""
    proof = desk.prove(NeverGreen)
    assert (Result.DISPROVED, ExitCode.FINDINGS) == (proof.result, proof.exit_code)


def test_a_test_that_is_green_before_proves_nothing(desk: Desk) -> None:
    """The pin is not shown to be affected here."""
    proof = desk.prove(AlwaysGreen)
    assert (Result.NOT_REPRODUCED, ExitCode.FINDINGS) == (proof.result, proof.exit_code)
    assert "did not turn" in proof.advisories[0].reasons[0]


def _claiming(desk: Desk, change: Callable[[CapsuleClaim], CapsuleClaim]) -> Capsule:
    found = desk.capsule
    return replace(found, claim=change(found.claim))


def test_a_claim_beyond_what_is_seen_is_not_reproduced(desk: Desk) -> None:
    """All that is claimed must be seen, not only something."""
    more = replace(desk.capsule.claim.expected[0], turned_green=("tests.test_thing::test_other",))
    proof = desk.prove(capsule=_claiming(desk, lambda claim: replace(claim, expected=(more,))))
    assert Result.NOT_REPRODUCED is proof.result


def test_a_capsule_that_claims_nothing_proves_nothing(desk: Desk) -> None:
    """An empty list is not a list of which all hold."""
    proof = desk.prove(capsule=_claiming(desk, lambda claim: replace(claim, expected=())))
    assert Result.NOT_REPRODUCED is proof.result


def test_an_unknown_key_is_said_loudly(desk: Desk) -> None:
    """A signature by whoever made the capsule shows that it is whole and no more."""
    assert "--key" in desk.prove(trusted=False).warnings[0]


def test_another_original_is_refused(desk: Desk) -> None:
    """An index that serves other bytes under the name is no place to prove anything."""
    path = desk.index.registry.releases("thing")[0].files[0]
    desk.index.registry.download(path).write_bytes(b"other")
    with pytest.raises(ProofError) as caught:
        desk.prove()
    assert ("prove.digest", True) == (caught.value.code, "thing-1.0.tar.gz" in caught.value.message)


def test_a_patch_that_does_not_apply_is_refused(desk: Desk) -> None:
    """The capsule was not made for this original."""
    found = desk.capsule
    other = replace(found, members={**found.members, "backport.patch": found.patch.replace(b"def read", b"def other")})
    with pytest.raises(ProofError) as caught:
        desk.prove(capsule=other)
    assert "verify.patch" == caught.value.code


def _file(name: str, data: bytes) -> NamedFile:
    return NamedFile(package="dep", version="1.0", filename=name, sha256=digest_of(data))


def test_files_are_gathered_for_a_place_without_network(desk: Desk, tmp_path: Path) -> None:
    """What the index gave once is enough the next time."""
    _, files = needed(desk.capsule, TinyLaboratory())
    gather(files, Index(registry=desk.index.registry), {}, tmp_path / "files")
    assert ["thing-1.0-py3-none-any.whl", "thing-1.0.tar.gz"] == sorted(
        each.name for each in (tmp_path / "files").iterdir()
    )
    shelf = Shelf(folder=tmp_path / "files")
    means = Means(laboratory=TinyLaboratory(), fetch=shelf, executor=desk.executor, seconds=10)
    assert Result.PROVED is prove(desk.capsule, means).result


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the command that gathers it."""
    with pytest.raises(AvrError) as caught:
        Shelf(folder=tmp_path)(_file("dep-1.0-py3-none-any.whl", b""))
    assert ("prove.missing-file", ExitCode.ENVIRONMENT) == (caught.value.code, caught.value.exit_code)
    assert "--collect" in caught.value.hint


def test_a_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    """The name alone is nothing."""
    (tmp_path / "dep.whl").write_bytes(b"evil")
    with pytest.raises(ProofError, match=r"dep\.whl"):
        Shelf(folder=tmp_path)(_file("dep.whl", b"good"))


def test_what_is_inside_is_not_fetched(tmp_path: Path) -> None:
    """Wheels that were built for the proof come with the capsule, and by digest like all others."""

    def fetch(file: NamedFile) -> Path:
        raise AssertionError(file.filename)

    (path,) = gather([_file("dep.whl", b"built")], fetch, {"dep.whl": b"built"}, tmp_path)
    assert b"built" == path.read_bytes()
    with pytest.raises(ProofError):
        gather([_file("dep.whl", b"other")], fetch, {"dep.whl": b"built"}, tmp_path)


def test_a_digest_that_the_index_announces_is_looked_at_first(desk: Desk) -> None:
    """Nothing of another digest is downloaded."""
    wanted = NamedFile(package="thing", version="1.0", filename="thing-1.0.tar.gz", sha256=Digest("0" * 64))
    with pytest.raises(ProofError):
        Index(registry=desk.index.registry)(wanted)
