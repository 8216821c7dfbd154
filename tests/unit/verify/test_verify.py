"""Verify: an untouched folder holds; whatever was changed is found and named."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from avr.ecosystems.interface import Bench, Built, Pin
from avr.errors import AvrError, ExitCode, UsageError
from avr.model.component import Component
from avr.model.evidence import Verdict
from avr.model.identifiers import Assurance
from avr.model.source import SourceTree
from avr.stages.deliver import layout
from avr.stages.deliver.act import write_release
from avr.stages.deliver.publish import write_report
from avr.testing import deliveries
from avr.testing.tiny import REPAIRED, TinyBench, TinyEcosystem
from avr.tools import documents
from avr.tools.signing import SigningKey, load_key
from avr.verify.act import Request, verify_folder
from avr.verify.result import Check, CheckState, Verification

PART = "thing-1.0+avr.1"
WHEEL = "wheels/thing-1.0+avr.1-py3-none-any.whl"
PATCH = f"{PART}/{PART}.patch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A delivered folder with the ecosystem and the key that made it."""

    out: Path
    ecosystem: TinyEcosystem
    key: SigningKey

    def verify(
        self, *, rerun: bool = True, ecosystem: TinyEcosystem | None = None, key: bytes | None = b""
    ) -> Verification:
        """Verify with the right key, without tests from elsewhere."""
        request = Request(folder=self.out, key=self.key.public if key == b"" else key, rerun=rerun)
        return verify_folder(request, lambda _: ecosystem or self.ecosystem, lambda _pin, _plan: None)

    def publish(self) -> None:
        """Deliver and sign everything."""
        made = deliveries.delivery(self.ecosystem)
        release = write_release(made, self.out, self.key)
        report = deliveries.report(made)
        write_report(replace(report, components=(replace(report.components[0], release=release),)), self.out, self.key)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A freshly delivered folder."""
    made = Shop(out=tmp_path / "out", ecosystem=TinyEcosystem(tmp_path / "index"), key=load_key(tmp_path / "home"))
    made.publish()
    return made


def _failed(result: Verification) -> list[Check]:
    return [each for each in result.checks if each.state is CheckState.FAILED]


def _flip(path: Path, at: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(bytes(data))


def test_an_untouched_folder_holds(shop: Shop) -> None:
    """Every check passes, the tests included."""
    result = shop.verify()
    assert {each.state for each in result.checks} == {CheckState.PASSED}
    names = [each.name for each in result.checks]
    release = ["provenance", "digests", "capsule", "evidence", "original", "patch", "rebuild", "delta", "proof"]
    assert ["manifest", "files", *release] == names
    assert (result.exit_code, result.warnings) == (ExitCode.OK, ())


@pytest.mark.parametrize(
    "path",
    [
        WHEEL,
        "wheels/thing-1.0+avr.1.tar.gz",
        PATCH,
        f"{PART}/{layout.PROVENANCE}",
        f"{PART}/{layout.DELTA}",
        f"{PART}/{layout.EVIDENCE}",
        f"{PART}/{layout.SBOM}",
        f"{PART}/{layout.VEX}",
        f"{PART}/{PART}.capsule.zip",
        f"{PART}/{layout.SECURITY_TESTS}/tests/test_thing.py",
        layout.REPORT_JSON,
        layout.REPORT_HTML,
        layout.MANIFEST,
    ],
)
def test_one_flipped_byte_is_found_and_its_file_named(shop: Shop, path: str) -> None:
    """Wherever the byte is, verification fails and says in which file."""
    _flip(shop.out / path)
    result = shop.verify()
    assert result.exit_code == ExitCode.PROOF_FAILED
    assert any(repr(path) in each.detail for each in _failed(result))


def test_a_flipped_byte_names_no_innocent_file(shop: Shop) -> None:
    """A changed report is said of the report alone."""
    _flip(shop.out / layout.REPORT_HTML)
    assert [each.detail.split("'")[1] for each in _failed(shop.verify())] == [layout.REPORT_HTML]


def test_a_missing_file_is_found(shop: Shop) -> None:
    """A file that the manifest lists must be there."""
    (shop.out / PART / layout.VEX).unlink()
    result = shop.verify()
    assert any("is missing" in each.detail and layout.VEX in each.detail for each in _failed(result))


def test_an_extra_file_is_found(shop: Shop) -> None:
    """A wheel that was slipped in is not signed and is named."""
    (shop.out / "wheels" / "evil-1.0-py3-none-any.whl").write_bytes(b"x")
    assert [each.detail for each in _failed(shop.verify())] == [
        "'wheels/evil-1.0-py3-none-any.whl' is not in the manifest"
    ]


def test_a_link_is_refused(shop: Shop, tmp_path: Path) -> None:
    """A file that is replaced by a link to its copy is refused although the bytes are the same."""
    path = shop.out / PATCH
    path.rename(tmp_path / "copy")
    path.symlink_to(tmp_path / "copy")
    assert any("link" in each.detail and PATCH in each.detail for each in _failed(shop.verify()))


def test_a_linked_folder_is_refused(shop: Shop, tmp_path: Path) -> None:
    """A link to a folder is not followed."""
    (shop.out / "wheels").rename(tmp_path / "wheels")
    (shop.out / "wheels").symlink_to(tmp_path / "wheels")
    assert shop.verify().exit_code == ExitCode.PROOF_FAILED


def test_another_key_is_not_accepted(shop: Shop, tmp_path: Path) -> None:
    """A folder signed by somebody else fails at its signatures."""
    result = shop.verify(key=load_key(tmp_path / "other").public)
    assert [each.name for each in _failed(result)] == ["manifest", "provenance"]


def test_the_folders_own_key_comes_with_a_warning(shop: Shop) -> None:
    """Without --key the check can show consistency only, and says so."""
    result = shop.verify(key=None)
    assert result.exit_code == ExitCode.OK
    assert "--key" in result.warnings[0]


def _resign(shop: Shop, path: str, change: Callable[[str], str]) -> None:
    """Forge a statement with the right key, as its holder could."""
    envelope = json.loads((shop.out / path).read_bytes())
    payload = change(base64.b64decode(envelope["payload"]).decode())
    (shop.out / path).write_bytes(shop.key.sign(payload.encode()))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../b", "./x", "a//b", "a\\u0000b"])
def test_a_path_that_leads_out_is_refused(shop: Shop, name: str) -> None:
    """Even a signed manifest cannot make us read outside the folder."""
    _resign(shop, layout.MANIFEST, lambda text: text.replace("report.html", name, 1))
    result = shop.verify()
    assert [(each.name, each.detail.split("'")[1]) for each in _failed(result)] == [("manifest", layout.MANIFEST)]


def test_a_huge_envelope_is_refused(shop: Shop) -> None:
    """Sizes are looked at before anything is read."""
    with (shop.out / layout.MANIFEST).open("r+b") as file:
        file.truncate(65 << 20)
    assert "more than" in _failed(shop.verify())[0].detail


def test_a_claim_beyond_the_evidence_is_found(shop: Shop) -> None:
    """A holder of the key who writes A4 over evidence for A3 is found out by the recomputation."""
    path = f"{PART}/{layout.FINDINGS}"
    forged = (replace(deliveries.finding(deliveries.evidence()), assurance=Assurance.PROVED_TWICE),)
    documents.write(shop.out / path, layout.FINDINGS_SCHEMA, forged)
    assert any(
        each.name == "evidence" and f"{path!r} claims A4 for CVE-2099-0001, the evidence bears A3" in each.detail
        for each in _failed(shop.verify())
    )


def test_a_delta_that_hides_a_member_is_found(shop: Shop) -> None:
    """A holder of the key who leaves a changed member out of the delta is found out by the comparison."""
    path = f"{PART}/{layout.DELTA}"

    def hide(text: str) -> str:
        statement = json.loads(text)
        statement["predicate"]["archives"][0]["membersDiffering"].pop()
        return json.dumps(statement)

    _resign(shop, path, hide)
    assert any(each.name == "delta" and repr(path) in each.detail for each in _failed(shop.verify()))


def test_evidence_that_was_exchanged_is_found(shop: Shop) -> None:
    """Evidence without a passed security test does not bear the claimed level."""
    path = f"{PART}/{layout.EVIDENCE}"
    documents.write(shop.out / path, layout.EVIDENCE_SCHEMA, deliveries.evidence(security=Verdict.NO_EVIDENCE))
    assert any("the evidence bears A2" in each.detail for each in _failed(shop.verify()))


def test_another_original_is_found(shop: Shop, tmp_path: Path) -> None:
    """A registry that serves other bytes than the release was made from is a disagreement."""
    ecosystem = TinyEcosystem(tmp_path / "elsewhere")
    path = tmp_path / "elsewhere" / "thing-1.0-py3-none-any.whl"
    path.write_bytes(path.read_bytes() + b"\0")
    failed = _failed(shop.verify(ecosystem=ecosystem))
    assert [(each.name, "thing-1.0-py3-none-any.whl" in each.detail) for each in failed] == [("original", True)]


class Unreachable(TinyEcosystem):
    """An ecosystem whose index does not answer."""

    def pin(self, component: Component) -> Pin:
        """Fail as an unreachable index does."""
        raise AvrError("registry.unreachable", f"no answer for {component}", hint="check the network")


def test_an_unreachable_index_leaves_the_rest_checked(shop: Shop, tmp_path: Path) -> None:
    """What needs no network is checked; the exit code says that something is open."""
    result = shop.verify(ecosystem=Unreachable(tmp_path / "none"))
    states = {each.name: each.state for each in result.checks}
    assert states["files"] == states["evidence"] == CheckState.PASSED
    assert states["original"] == CheckState.UNCHECKED
    assert result.exit_code == ExitCode.ENVIRONMENT


class Dishonest(TinyEcosystem):
    """Rebuilds something else, as for a release whose artifact was not made from its patch."""

    def rebuild(self, pin: Pin, patched: SourceTree, revision: int) -> Built:
        """A rebuild of a tree with one more line."""
        more = patched.replacing({"src/thing/__init__.py": REPAIRED.encode() + b"BACKDOOR = True\n"})
        return TinyEcosystem.rebuild(self, pin, more, revision)


def test_an_artifact_that_was_not_made_from_the_patch_is_found(tmp_path: Path) -> None:
    """A signed wheel with a back door disagrees with what the patch gives."""
    index, key = tmp_path / "index", load_key(tmp_path / "home")
    Shop(out=tmp_path / "out", ecosystem=Dishonest(index), key=key).publish()
    result = Shop(out=tmp_path / "out", ecosystem=TinyEcosystem(index), key=key).verify()
    assert [each.name for each in _failed(result)] == ["patch"]
    assert "wheels/thing-1.0+avr.1" in _failed(result)[0].detail


class NeverGreen(TinyBench):
    """A bench on which the patch does not help."""

    def run(self, tree, tests, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """The run of an empty tree."""
        del tree
        return TinyBench.run(self, SourceTree(files={}), tests, request)


def test_a_proof_that_does_not_repeat_is_found(shop: Shop, tmp_path: Path) -> None:
    """A security test that stays red on this machine fails the verification by its name."""
    failed = _failed(shop.verify(ecosystem=TinyEcosystem(tmp_path / "index", NeverGreen)))
    assert [each.name for each in failed] == ["proof"]
    assert "test_refuses_parent" in failed[0].detail


def test_without_rerun_no_test_runs(shop: Shop, tmp_path: Path) -> None:
    """The same bench is not asked."""
    ecosystem = TinyEcosystem(tmp_path / "index", NeverGreen)
    assert shop.verify(rerun=False, ecosystem=ecosystem).exit_code == ExitCode.OK


class NoBench(TinyBench):
    """A bench where nothing can run."""

    problem = "no sandbox"


def test_a_machine_without_a_sandbox_says_so(shop: Shop, tmp_path: Path) -> None:
    """Tests that cannot run leave the check open; they do not pass."""
    bench: Callable[[], Bench] = NoBench
    result = shop.verify(ecosystem=TinyEcosystem(tmp_path / "index", bench))
    assert (result.checks[-1].state, result.exit_code) == (CheckState.UNCHECKED, ExitCode.ENVIRONMENT)


def test_a_folder_without_manifest_is_a_usage_error(shop: Shop, tmp_path: Path) -> None:
    """There is nothing to verify in an empty folder."""
    with pytest.raises(UsageError) as caught:
        verify_folder(Request(folder=tmp_path), lambda _: shop.ecosystem, lambda _pin, _plan: None)
    assert caught.value.code == "verify.no-folder"


def test_leavings_of_an_interrupted_run_are_swept(shop: Shop) -> None:
    """Half-written files of a killed run do not make the next run's folder look tampered with."""
    (shop.out / ".part-abc" / "new").mkdir(parents=True)
    (shop.out / "wheels" / ".part-def").write_bytes(b"half")
    shop.publish()
    assert shop.verify().exit_code == ExitCode.OK


def test_a_second_release_into_the_same_folder_keeps_the_first(shop: Shop) -> None:
    """The manifest of the next run still covers what an earlier run delivered, and an empty run loses nothing."""
    empty = replace(deliveries.report(deliveries.delivery(shop.ecosystem)), components=())
    write_report(empty, shop.out, shop.key, {"requirements.patch": b"", "review/x/plan.json": b""})
    write_report(empty, shop.out, shop.key)
    assert shop.verify().exit_code == ExitCode.OK
