"""What one delivery writes, held against the standards it follows."""

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from avr.errors import AvrError
from avr.model.backport import HunkStatus
from avr.model.evidence import Verdict
from avr.model.identifiers import Assurance, State
from avr.model.report import FindingReport
from avr.stages.deliver import layout
from avr.stages.deliver.act import contents, write_release
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.dep3 import UNKNOWN_AUTHOR, patch
from avr.stages.deliver.folders import write_folder
from avr.stages.deliver.sbom import sbom
from avr.stages.deliver.vex import vex
from avr.testing import deliveries, tiny
from avr.tools.archives import write_tree
from avr.tools.signing import load_key, verify
from avr.tools.unified import apply_unified

PART = "thing-1.0+avr.1"


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """A delivery of the tiny package."""
    return deliveries.delivery(tiny.TinyEcosystem(tmp_path / "index"))


def _with_state(delivery: Delivery, state: State, level: Assurance = Assurance.NONE) -> Delivery:
    findings: tuple[FindingReport, ...] = (replace(delivery.findings[0], state=state, assurance=level),)
    return replace(delivery, findings=findings)


def _statement(delivery: Delivery) -> dict[str, object]:
    found: dict[str, object] = json.loads(vex(delivery))["statements"][0]
    return found


def test_the_folder_holds_what_the_documentation_says(delivery: Delivery, tmp_path: Path) -> None:
    """Artifacts once, in `wheels`; the rest in the release's folder."""
    write_release(delivery, tmp_path / "out", load_key(tmp_path / "home"))
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    log = hashlib.sha256(deliveries.LOG).hexdigest()
    own = ["backport.json", "evidence.json", "findings.json", "plan.json", "provenance.dsse.json", "sbom.cdx.json"]
    own += ["delta.dsse.json", "vex.openvex.json", "security-tests.patch", "security-tests/tests/test_thing.py"]
    own += [f"{PART}.patch", f"{PART}.capsule.zip"]
    wheels = {"wheels/thing-1.0+avr.1-py3-none-any.whl", "wheels/thing-1.0+avr.1.tar.gz"}
    assert found == wheels | {f"{PART}/{each}" for each in [*own, f"logs/{log}.log"]}


def test_the_release_names_every_file_with_its_digest(delivery: Delivery, tmp_path: Path) -> None:
    """The returned value describes what is on disk."""
    release = write_release(delivery, tmp_path, load_key(tmp_path / "home"))
    for each in release.artifacts:
        data = (tmp_path / each.path).read_bytes()
        assert (each.sha256, each.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert {each.role for each in release.artifacts} >= {"wheel", "sdist", "patch", "sbom", "vex", "provenance"}


def test_the_same_delivery_gives_the_same_bytes(delivery: Delivery) -> None:
    """No clock and no randomness gets into a document."""
    assert contents(delivery) == contents(delivery)


def test_the_patch_gives_the_patched_tree(delivery: Delivery) -> None:
    """Our own applier takes the patch with its header."""
    assert apply_unified(delivery.pin.tree, patch(delivery)) == delivery.backport.patched


@pytest.mark.parametrize("command", [["git", "apply", "-p1"], ["patch", "-p1", "-i"], ["git", "am", "-q"]])
def test_ordinary_tools_accept_the_patch(delivery: Delivery, tmp_path: Path, command: list[str]) -> None:
    """`git apply`, `patch` and `git am` read the DEP-3 header over and apply the change."""
    tree = tmp_path / "tree"
    write_tree(delivery.pin.tree, tree)
    (tmp_path / "x.patch").write_bytes(patch(delivery))
    names = {f"GIT_{who}_{what}": "x@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    for setup in (["git", "init", "-q"], ["git", "add", "."], ["git", "commit", "-qm", "pin"]):
        subprocess.run(setup, cwd=tree, check=True, env=environment)
    subprocess.run([*command, str(tmp_path / "x.patch")], cwd=tree, check=True, env=environment, capture_output=True)
    assert (tree / "src/thing/__init__.py").read_text() == tiny.REPAIRED


def test_the_header_names_origin_and_author(delivery: Delivery) -> None:
    """The DEP-3 fields say where the change comes from, without credentials."""
    header = patch(delivery).decode().partition("\n\n---\n")[0].splitlines()
    fields = dict(line.split(": ", 1) for line in header)
    assert fields["Origin"] == "backport, https://example.invalid/thing/commit/" + "c" * 40
    assert (fields["From"], fields["Last-Update"]) == ("Ada Example <ada@example.invalid>", "2099-01-01")
    assert fields["X-AVR-Hunk"] == "src/thing/__init__.py:1 unknown R1 (CVE-2099-0001)"


def test_hostile_subjects_cannot_forge_the_header(delivery: Delivery) -> None:
    """Line breaks in upstream's text do not begin a field or a diff."""
    ported = delivery.backport.ported[0]
    evil = "x\n\n---\ndiff --git a/../x b/../x\n--- a/x\r\n+++ b/x"
    fix = replace(ported.fix, subject=evil, author="E <e@x>\nSubject: no", origin_url="http://[bad")
    backport = replace(delivery.backport, ported=(replace(ported, fix=fix),))
    text = patch(replace(delivery, backport=backport))
    assert apply_unified(delivery.pin.tree, text) == delivery.backport.patched
    assert text.decode().startswith(f"From: {UNKNOWN_AUTHOR}\n")
    assert text.count(b"\ndiff --git ") == 1


def test_the_bill_of_materials_is_valid_and_tells_the_pedigree(delivery: Delivery) -> None:
    """CycloneDX 1.6 by its schema: ancestor, backport patch, resolved advisory."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = sbom(delivery, patch(delivery)).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    component = json.loads(text)["metadata"]["component"]
    pedigree = component["pedigree"]
    assert component["purl"] == "pkg:pypi/thing@1.0%2Bavr.1"
    assert [each["purl"] for each in pedigree["ancestors"]] == ["pkg:pypi/thing@1.0"]
    assert [each["type"] for each in pedigree["patches"]] == ["backport"]
    assert [each["id"] for each in pedigree["patches"][0]["resolves"]] == ["CVE-2099-0001"]


def test_a_backport_that_is_not_proved_resolves_nothing(delivery: Delivery) -> None:
    """The pedigree claims only what is fixed."""
    weak = _with_state(delivery, State.NEEDS_REVIEW, Assurance.NO_REGRESSION_SEEN)
    component = json.loads(sbom(weak, patch(weak)))["metadata"]["component"]
    assert "resolves" not in component["pedigree"]["patches"][0]


def test_a_proved_fix_is_called_fixed(delivery: Delivery) -> None:
    """The statement is about the patched version, with its level and what is missing."""
    found = _statement(delivery)
    assert found["status"] == "fixed"
    assert found["products"] == [
        {"@id": "pkg:pypi/thing@1.0%2Bavr.1", "identifiers": {"purl": "pkg:pypi/thing@1.0%2Bavr.1"}}
    ]
    assert "assurance A3; not shown: G5, G6" in str(found["status_notes"])


@pytest.mark.parametrize(
    ("state", "level", "status"),
    [
        (State.FIXED, Assurance.NO_REGRESSION_SEEN, "under_investigation"),
        (State.NEEDS_REVIEW, Assurance.FIXED, "under_investigation"),
        (State.FAILED, Assurance.NONE, "under_investigation"),
        (State.NO_FIX_KNOWN, Assurance.NONE, "affected"),
        (State.ALREADY_FIXED, Assurance.NONE, "fixed"),
        (State.NOT_AFFECTED, Assurance.NONE, "not_affected"),
    ],
)
def test_every_state_has_its_status(delivery: Delivery, state: State, level: Assurance, status: str) -> None:
    """Only what is proved is fixed; not_affected carries a justification, affected an action."""
    found = _statement(_with_state(delivery, state, level))
    assert found["status"] == status
    assert ("justification" in found, "action_statement" in found) == (status == "not_affected", status == "affected")


def test_the_provenance_names_inputs_and_every_output(delivery: Delivery, tmp_path: Path) -> None:
    """Originals by digest, commits by id, and each file of the release as a subject; no credentials."""
    from google.protobuf import json_format  # type: ignore[import-untyped]
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    key = load_key(tmp_path / "home")
    release = write_release(delivery, tmp_path / "out", key)
    payload = verify((tmp_path / "out" / PART / layout.PROVENANCE).read_bytes(), key.public)
    parsed = json_format.Parse(payload, statement_pb2.Statement())  # type: ignore[attr-defined]
    Statement.copy_from_pb(parsed).validate()
    body = json.loads(payload)
    others = {each.path for each in release.artifacts if each.role != "provenance"}
    assert {each["name"] for each in body["subject"]} == others
    definition = body["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["purl"] == "pkg:pypi/thing@1.0"
    names = [each["name"] for each in definition["resolvedDependencies"]]
    assert names == ["thing-1.0.tar.gz", "thing-1.0-py3-none-any.whl", "CVE-2099-0001"]
    assert b"secret" not in payload


def test_a_failed_write_leaves_the_old_folder(tmp_path: Path) -> None:
    """A path that leads out of the folder stops everything; what was there stays, nothing else remains."""
    write_folder(tmp_path / "x", {"a": b"old"})
    with pytest.raises(AvrError):
        write_folder(tmp_path / "x", {"a": b"new", "../b": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x" / "a").read_bytes() == b"old"


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    """Files of the earlier release do not linger."""
    write_folder(tmp_path / "x", {"a": b"old"})
    write_folder(tmp_path / "x", {"d/b": b"new"})
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == ["x/d/b"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A disk that refuses is an error with a code, not a traceback."""
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(AvrError) as caught:
        write_folder(tmp_path / "x" / "y", {"a": b""})
    assert caught.value.code == "deliver.folder"


def test_no_evidence_is_not_a_security_proof(delivery: Delivery) -> None:
    """The tiny delivery without its security test is only A2."""
    weak = deliveries.finding(deliveries.evidence(security=Verdict.NO_EVIDENCE))
    assert weak.assurance is Assurance.NO_REGRESSION_SEEN
    assert replace(delivery, findings=(weak,)).fixed == ()


def test_the_patch_names_what_was_left_out(delivery: Delivery) -> None:
    """A hunk whose code the pin does not have is told with its reason."""
    ported = delivery.backport.ported[0]
    absent = replace(
        ported.hunks[0], path="new.py", status=HunkStatus.UNNEEDED, tried=("tried", "no 'late' in the pin")
    )
    told = replace(delivery.backport, ported=(replace(ported, hunks=(*ported.hunks, absent)),))

    lines = patch(replace(delivery, backport=told)).decode().splitlines()

    assert f"X-AVR-Hunk: new.py:1 left out: no 'late' in the pin ({ported.advisory})" in lines
