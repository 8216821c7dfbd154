"""Documents: canonical, named by their digest, checked when read."""

import json
from pathlib import Path
from typing import Any

import pytest

from avr.errors import AvrError, ProofError
from avr.model.evidence import TestRun
from avr.model.fix import Fix
from avr.model.identifiers import AdvisoryId
from avr.model.plan import Plan
from avr.model.report import Report
from avr.testing import build
from avr.tools import documents


def _plan() -> Plan:
    fix = build.fix(build.change("thing.py", "a\n", "b\n"), build.change("gone.py", "a\n", None))
    return build.plan(build.step(fix))


def test_a_document_read_back_is_the_value_that_was_written(tmp_path: Path) -> None:
    """Bytes, times, enums, tuples and absent fields all survive the way through JSON."""
    path = tmp_path / "plan.json"
    documents.write(path, "avr.plan/1", _plan())
    assert documents.read(path, "avr.plan/1", Plan) == _plan()


def test_the_id_is_the_digest_of_the_item(tmp_path: Path) -> None:
    """The id in the file, the returned one and `digest` of the value agree."""
    path = tmp_path / "plan.json"
    written = documents.write(path, "avr.plan/1", _plan(), ["f" * 64])
    body = json.loads(path.read_bytes())
    assert (body["id"], body["from"]) == (documents.digest(_plan()), ["f" * 64])
    assert written == documents.digest(_plan())


def test_a_sequence_of_nouns_is_an_item_too() -> None:
    """An item may be a tuple."""
    fixes = (build.fix(), build.fix(advisory_id="CVE-2099-0002"))
    assert documents.loads(documents.dumps("avr.fixes/1", fixes), "avr.fixes/1", tuple[Fix, ...]) == fixes


def test_canonical_form_does_not_depend_on_the_order_of_keys() -> None:
    """Two mappings with the same entries have the same digest."""
    assert documents.digest({"a": 1, "b": 2}) == documents.digest({"b": 2, "a": 1})


def test_bytes_that_are_no_text_can_be_written() -> None:
    """A lone surrogate in a hunk does not break the document."""
    data = documents.dumps("avr.text/1", ["caf\udce9"])
    assert documents.loads(data, "avr.text/1", list[str]) == ["caf\U0010fce9"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "document.malformed"),
        (b"\xff\xfe", "document.malformed"),
        (b"[]", "document.malformed"),
        (b"{}", "document.malformed"),
        (b"[" * 100_000, "document.malformed"),
        (b'{"schema":"avr.plan/2","id":"","from":[],"item":null}', "document.schema"),
        (b'{"schema":"avr.plan/1","id":"0","from":[],"item":{}}', "document.id"),
        (b'{"schema":"avr.plan/1","id":"0","from":[],"item":1e999}', "document.malformed"),
        (documents.dumps("avr.plan/1", {"component": 7}), "document.malformed"),
    ],
)
def test_a_document_that_is_not_ours_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    """Every damaged or foreign file is refused by a stable code and the file's name."""
    path = tmp_path / "plan.json"
    path.write_bytes(data)
    with pytest.raises(ProofError, match=r"plan\.json") as caught:
        documents.read(path, "avr.plan/1", Plan)
    assert caught.value.code == code


def test_one_changed_byte_in_the_item_is_noticed(tmp_path: Path) -> None:
    """The id no longer fits the item."""
    path = tmp_path / "run.json"
    documents.write(path, "avr.test-run/1", build.run(passed=["tests.test_a::test_one"]))
    path.write_bytes(path.read_bytes().replace(b"test_one", b"test_two"))
    with pytest.raises(ProofError) as caught:
        documents.read(path, "avr.test-run/1", TestRun)
    assert caught.value.code == "document.id"


def test_a_missing_document_says_so(tmp_path: Path) -> None:
    """An unreadable file is a broken world, not a failed proof."""
    with pytest.raises(AvrError) as caught:
        documents.read(tmp_path / "none.json", "avr.plan/1", Plan)
    assert caught.value.code == "document.unreadable"


def test_values_that_json_cannot_hold_are_refused() -> None:
    """An infinite number and an open file are no document."""
    values: list[Any] = [float("inf"), object()]
    for value in values:
        with pytest.raises(AvrError, match="cannot be written as JSON"):
            documents.digest(value)


def test_the_json_schema_accepts_what_is_written() -> None:
    """The published schema and the writer agree."""
    import jsonschema  # type: ignore[import-untyped]

    schema = documents.json_schema("avr.plan/1", Plan)
    jsonschema.Draft202012Validator(schema).validate(json.loads(documents.dumps("avr.plan/1", _plan())))
    assert documents.json_schema("avr.report/1", Report)["title"] == "avr.report/1"


def test_ids_are_plain_text() -> None:
    """A NewType is its base type on the wire."""
    assert documents.canonical(AdvisoryId("CVE-2099-0001")) == b'"CVE-2099-0001"'
