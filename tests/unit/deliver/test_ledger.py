"""The ledger: every replaced file comes back byte for byte."""

from pathlib import Path

import pytest

from avr.errors import AvrError, UsageError
from avr.stages.deliver.ledger import Ledger

OLD, NEW = b"thing==1.0\r\n\xff", b"thing==1.0+avr.1\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return Ledger(tmp_path / "home" / "ledger")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A requirements file with a mode of its own."""
    path = tmp_path / "requirements.txt"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def test_undo_restores_every_byte(ledger: Ledger, file: Path) -> None:
    """Replaced and restored, content and mode are as before, and nothing is left beside the file."""
    ledger.replace({file: NEW})
    assert file.read_bytes() == NEW
    assert ledger.undo(file) == (file,)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (OLD, 0o640)
    assert sorted(each.name for each in file.parent.iterdir()) == ["home", "requirements.txt"]


def test_undo_without_a_name_restores_the_last_run(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    """All files of the last run, and none of an earlier one."""
    other, third = tmp_path / "base.txt", tmp_path / "third.txt"
    other.write_bytes(OLD)
    third.write_bytes(OLD)
    ledger.replace({third: NEW})
    ledger.replace({file: NEW, other: NEW})
    assert set(ledger.undo(None)) == {file, other}
    assert (file.read_bytes(), other.read_bytes(), third.read_bytes()) == (OLD, OLD, NEW)


def test_undo_goes_back_step_by_step(ledger: Ledger, file: Path) -> None:
    """Two runs are undone one after the other."""
    ledger.replace({file: NEW})
    ledger.replace({file: b"third"})
    ledger.undo(file)
    assert file.read_bytes() == NEW
    ledger.undo(file)
    assert file.read_bytes() == OLD


def test_a_file_that_was_edited_since_is_left_alone(ledger: Ledger, file: Path) -> None:
    """The person's own edits are not lost unless they say so."""
    ledger.replace({file: NEW})
    file.write_bytes(b"mine")
    with pytest.raises(UsageError) as caught:
        ledger.undo(file)
    assert (caught.value.code, file.read_bytes()) == ("undo.changed", b"mine")
    ledger.undo(file, force=True)
    assert file.read_bytes() == OLD


def test_a_link_is_followed(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    """The file behind the link is replaced, and the link stays one."""
    link = tmp_path / "link.txt"
    link.symlink_to(file)
    ledger.replace({link: NEW})
    assert (link.is_symlink(), file.read_bytes()) == (True, NEW)
    ledger.undo(link)
    assert (link.is_symlink(), file.read_bytes()) == (True, OLD)


def test_unchanged_content_is_no_replacement(ledger: Ledger, file: Path) -> None:
    """A second run with the same result leaves nothing to undo."""
    assert ledger.replace({file: OLD}) == ()
    with pytest.raises(UsageError) as caught:
        ledger.undo(None)
    assert caught.value.code == "undo.nothing"


def test_a_missing_file_stops_before_anything_is_replaced(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    """All files are read before the first is written."""
    with pytest.raises(AvrError) as caught:
        ledger.replace({file: NEW, tmp_path / "none.txt": NEW})
    assert (caught.value.code, file.read_bytes()) == ("ledger.unreadable", OLD)


def test_damaged_history_is_not_restored(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    """Stored bytes are checked against their digest first."""
    ledger.replace({file: NEW})
    for blob in (tmp_path / "home" / "ledger" / "blobs").rglob("*"):
        if blob.is_file():
            blob.write_bytes(b"other")
    with pytest.raises(AvrError):
        ledger.undo(file)
    assert file.read_bytes() == NEW
