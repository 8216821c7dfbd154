"""Requirements files: what is pinned, what is passed over and why, what is refused."""

from pathlib import Path

import pytest

from avr.errors import UsageError
from avr.inventory import requirements
from avr.model.component import Inventory, Location


def read(folder: Path, text: str | bytes, **others: str) -> Inventory:
    """The inventory of a requirements file with other files beside it."""
    path = folder / "requirements.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name, content in others.items():
        (folder / f"{name}.txt").write_text(content)
    return requirements.read(path)


def pins(inventory: Inventory) -> list[str]:
    """The components as people write them."""
    return [str(each) for each in inventory.components]


def codes(inventory: Inventory) -> list[str]:
    """Why entries were passed over."""
    return [each.code for each in inventory.unresolved]


def test_names_are_normalised_and_versions_are_canonical(tmp_path: Path) -> None:
    """`Jinja2` is `jinja2`, `a.b_c` is `a-b-c`, and `1.0-1` is what the index calls 1.0.post1."""
    assert pins(read(tmp_path, "Jinja2==2.11.2\na.b_c == 1.0-1\n")) == ["jinja2 2.11.2", "a-b-c 1.0.post1"]


def test_extras_hashes_continuations_and_comments_are_read(tmp_path: Path) -> None:
    """An entry over several lines keeps its first line's number and its hashes."""
    text = "# top\njinja2[i18n]==2.11.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb  # via flask\n"
    (component,) = read(tmp_path, text).components
    where = Location(path=str(tmp_path / "requirements.txt"), line=2)
    assert (component.locations, component.hashes) == ((where,), ("sha256:aa", "sha256:bb"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("flask", "requirement.unpinned"),
        ("flask>=1", "requirement.unpinned"),
        ("flask==1.*", "requirement.wildcard"),
        ("flask===1.0", "requirement.arbitrary-equality"),
        ("flask==1.0,==2.0", "requirement.contradiction"),
        ("flask==1.0; python_version < '3'", "requirement.marker"),
        ("flask==1.0; python_version ~= 'x'", "requirement.marker-invalid"),
        ("flask @ https://example.invalid/flask-1.0.tar.gz", "requirement.url"),
        ("https://example.invalid/flask-1.0-py3-none-any.whl", "requirement.url"),
        ("git+https://example.invalid/flask.git#egg=flask", "requirement.vcs"),
        ("-e .", "requirement.editable"),
        ("./flask-1.0.tar.gz", "requirement.path"),
        ("this is no requirement", "requirement.invalid"),
        ("flask = 1.0", "requirement.invalid"),
        ("--frobnicate", "requirement.invalid"),
    ],
)
def test_what_pins_nothing_is_passed_over_with_its_reason(tmp_path: Path, line: str, code: str) -> None:
    """Every entry that names no exact release of the registry has a stable code, and the next one is still read."""
    inventory = read(tmp_path, f"{line}\njinja2==2.11.2\n")
    assert (codes(inventory), pins(inventory)) == ([code], ["jinja2 2.11.2"])


def test_an_exact_version_beside_a_range_is_a_pin(tmp_path: Path) -> None:
    """`==1.0,>0.5` leaves one version."""
    assert pins(read(tmp_path, "flask==1.0,>0.5\n")) == ["flask 1.0"]


def test_markers_are_judged_for_the_given_environment(tmp_path: Path) -> None:
    """A target environment of Python 2.7 takes the entry that today's interpreter passes over."""
    path = tmp_path / "requirements.txt"
    path.write_text("enum34==1.1.6; python_version < '3'\n")
    assert pins(requirements.read(path, {"python_version": "2.7"})) == ["enum34 1.1.6"]


def test_nested_files_keep_their_own_path_and_line(tmp_path: Path) -> None:
    """A pin from a `-r` file is located in that file."""
    (component,) = read(tmp_path, "-r base.txt\n", base="\nflask==1.0\n").components
    assert component.locations == (Location(path=str(tmp_path / "base.txt"), line=2),)


def test_a_cycle_of_files_is_cut(tmp_path: Path) -> None:
    """Files that name each other are read once each."""
    inventory = read(tmp_path, "-r base.txt\na==1\n", base="-r requirements.txt\nb==2\n")
    assert sorted(pins(inventory)) == ["a 1", "b 2"]


def test_a_constraint_pins_what_the_requirements_leave_open(tmp_path: Path) -> None:
    """The component is found in both files; packages that only the constraints name are no components."""
    inventory = read(tmp_path, "-c limits.txt\nflask>=0.5\n", limits="flask==1.0\nother==3\n")
    (component,) = inventory.components
    assert (str(component), [each.line for each in component.locations]) == ("flask 1.0", [2, 1])


@pytest.mark.parametrize("line", ["flask==2.0", "flask>=2"])
def test_a_constraint_that_contradicts_is_told(tmp_path: Path, line: str) -> None:
    """Pip would refuse to install this, so nothing is guessed."""
    inventory = read(tmp_path, f"-c limits.txt\n{line}\n", limits="flask==1.0\n")
    assert (codes(inventory), pins(inventory)) == (["requirement.conflict"], [])


def test_the_same_pin_twice_is_one_component(tmp_path: Path) -> None:
    """Both places and both hashes are kept."""
    text = "flask==1.0 --hash=sha256:aa\nFlask==1.0 --hash=sha256:bb\n"
    (component,) = read(tmp_path, text).components
    assert ([each.line for each in component.locations], component.hashes) == ([1, 2], ("sha256:aa", "sha256:bb"))


@pytest.mark.parametrize(
    "data",
    [
        "﻿flask==1.0\n".encode(),
        "flask==1.0\n".encode("utf-16"),
        "# -*- coding: latin-1 -*-\nflask==1.0  # h\xe4\n".encode("latin-1"),
        b"flask==1.0\r\n",
    ],
)
def test_encodings_that_pip_reads_are_read(tmp_path: Path, data: bytes) -> None:
    """Byte order marks, declared encodings and Windows line ends."""
    assert pins(read(tmp_path, data)) == ["flask 1.0"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"flask==1.0 # \xff\xfe\xfa\n", "requirements.encoding"),
        (b"# coding: no-such-code\nflask==1.0\n", "requirements.encoding"),
        (b"\x7fELF\0\0\0", "requirements.binary"),
        (b"-r missing.txt\n", "requirements.missing"),
        (b"-r https://example.invalid/r.txt\n", "requirements.url"),
        (b"-c file:///tmp/r.txt\n", "requirements.url"),
        (b"-r .\n", "requirements.not-a-file"),
        (b"-r " + b"x" * 300 + b"\n", "requirements.unreadable"),
    ],
)
def test_files_that_cannot_be_read_are_usage_errors(tmp_path: Path, data: bytes, code: str) -> None:
    """Nothing is fetched, nothing is guessed; the message has a code."""
    with pytest.raises(UsageError) as raised:
        read(tmp_path, data)
    assert raised.value.code == code


def test_a_missing_file_named_by_another_says_where(tmp_path: Path) -> None:
    """The message points at the line to repair."""
    with pytest.raises(UsageError, match=r"named by .*requirements\.txt:2,"):
        read(tmp_path, "a==1\n-r missing.txt\n")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """Reading is bounded."""
    path = tmp_path / "requirements.txt"
    with path.open("wb") as file:
        file.truncate(requirements.SIZE_LIMIT + 1)
    with pytest.raises(UsageError) as raised:
        requirements.read(path)
    assert raised.value.code == "requirements.size"
