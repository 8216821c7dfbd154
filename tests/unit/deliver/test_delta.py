"""What an archive holds that the registry's did not: each member's reason is checked on the bytes."""

from dataclasses import replace
from pathlib import Path

import pytest

from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.delta import Delta, Why, archive, compare, deltas
from avr.testing import deliveries, tiny
from avr.tools.archives import pack_zip, unpack

MODULE = "thing/__init__.py"


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """A delivery of the tiny package."""
    return deliveries.delivery(tiny.TinyEcosystem(tmp_path / "index"))


def _wheel(delivery: Delivery, changes: dict[str, bytes | None]) -> Delta:
    """The delta of the delivered wheel with some members replaced, added or taken away."""
    name = next(each for each in delivery.built.files if each.endswith(".whl"))
    tree = unpack(delivery.built.files[name], name=name).replacing(changes)
    assert delivery.pin.wheel is not None
    original = archive(delivery.pin.wheel.name, delivery.pin.wheel.read_bytes())
    ours = archive(name, pack_zip(tree.files, 1_600_000_000))
    return compare(original, ours, delivery.pin.tree, delivery.backport.patched, "+avr.1")


def test_every_member_that_differs_has_its_reason(delivery: Delivery) -> None:
    """The patched file, the version in the metadata, the list of digests, and nothing else."""
    found = deltas(delivery.pin, delivery.backport.patched, delivery.version, delivery.built.files)
    reasons = {each.patched.name.rpartition(".")[2]: {m.name: m.why for m in each.members} for each in found}
    assert reasons["whl"] == {
        "thing/__init__.py": Why.PATCH,
        "thing.dist-info/METADATA": Why.VERSION,
        "thing.dist-info/RECORD": Why.RECORD,
    }
    assert reasons["gz"]["src/thing/__init__.py"] is Why.PATCH
    assert set(reasons["gz"].values()) <= {Why.PATCH, Why.VERSION}
    assert all(each.predicate()["onlyThePatch"] for each in found)


def test_the_new_version_is_shown_line_by_line(delivery: Delivery) -> None:
    """A reader sees what changed in the metadata without unpacking anything."""
    metadata = next(each for each in _wheel(delivery, {}).members if each.why is Why.VERSION)
    assert (metadata.removed, metadata.added) == (("Version: 1.0",), ("Version: 1.0+avr.1",))


@pytest.mark.parametrize("data", [b"import os\n", None, tiny.VULNERABLE.encode()])
def test_another_content_than_the_patched_one_is_unexplained(delivery: Delivery, data: bytes | None) -> None:
    """Something else, nothing, or the unpatched file: RECORD does not hold for it either."""
    assert "thing.dist-info/RECORD" in _wheel(delivery, {MODULE: data}).unexplained
    if data != tiny.VULNERABLE.encode():  # that one is equal to the original's, and so no difference
        assert MODULE in _wheel(delivery, {MODULE: data}).unexplained


def test_an_added_member_is_unexplained(delivery: Delivery) -> None:
    """Nothing gets into an archive on the side, nor does the patched file under another name."""
    assert "thing/extra.py" in _wheel(delivery, {"thing/extra.py": b"print('hello')\n"}).unexplained
    assert "thing/other.py" in _wheel(delivery, {"thing/other.py": tiny.REPAIRED.encode()}).unexplained


def test_metadata_that_says_more_than_the_version_is_unexplained(delivery: Delivery) -> None:
    """A new dependency must not hide behind the new version."""
    metadata = b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0+avr.1\nRequires-Dist: evil\n"
    found = _wheel(delivery, {"thing-1.0+avr.1.dist-info/METADATA": metadata})
    assert "thing.dist-info/METADATA" in found.unexplained


def test_where_the_registry_has_no_file_of_the_kind_nothing_is_compared(delivery: Delivery) -> None:
    """A release that never had a wheel has nothing to be held against."""
    pin = replace(delivery.pin, wheel=None)
    found = deltas(pin, delivery.backport.patched, delivery.version, delivery.built.files)
    assert [each.patched.name for each in found] == ["thing-1.0+avr.1.tar.gz"]
