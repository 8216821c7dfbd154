"""Rewriting pins: what is not a replaced pin keeps its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avr.stages.deliver.rewrite import (
    Replacement,
    has_hashes,
    logical_lines,
    pins,
    rewrite,
    with_find_links,
)

NEW = Replacement(name="thing", pinned="1.0", version="1.0+avr.1", hashes=("sha256:aa", "sha256:bb"))


def _known(name: str, version: str) -> tuple[str, ...] | None:
    return (f"sha256:{len(name)}{len(version)}",) if name != "unknown" else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("thing==1.0\n", "thing==1.0+avr.1\n"),
        ("thing==1.0", "thing==1.0+avr.1"),
        ("Thing==1.0\r\n", "Thing==1.0+avr.1\r\n"),
        ("  thing  ==  1.0  # why\n", "  thing  ==  1.0+avr.1  # why\n"),
        ("thing===1.0\n", "thing===1.0+avr.1\n"),
        ("thing==1.0.0\n", "thing==1.0+avr.1\n"),
        ("thing[a,b]==1.0 ; python_version < '4'\n", "thing[a,b]==1.0+avr.1 ; python_version < '4'\n"),
        ("thing (==1.0)\n", "thing (==1.0+avr.1)\n"),
        ("thing>=0.5,==1.0\n", "thing>=0.5,==1.0+avr.1\n"),
        ("\ufeffthing==1.0\n", "\ufeffthing==1.0+avr.1\n"),
        ("thing \\\n  ==1.0\n", "thing \\\n  ==1.0+avr.1\n"),
        ("thing==1.0 --hash=sha256:01\n", "thing==1.0+avr.1 --hash=sha256:aa --hash=sha256:bb\n"),
        (
            "thing==1.0 \\\n    --hash=sha256:01 \\\n    --hash=sha256:02 \\\n    --hash=sha256:03\n    # via x\n",
            "thing==1.0+avr.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via x\n",
        ),
        (
            "thing==1.0 \\\r\n    --hash=sha256:01  # one\r\nnext==2\r\n",
            "thing==1.0+avr.1 \\\r\n    --hash=sha256:aa \\\r\n    --hash=sha256:bb  # one\r\nnext==2\r\n",
        ),
        ("thing==1.0 --hash sha256:01\n", "thing==1.0+avr.1 --hash=sha256:aa --hash=sha256:bb\n"),
    ],
)
def test_a_pin_is_replaced_and_nothing_else(before: str, after: str) -> None:
    """Spaces, case, extras, markers, continuations, comments and line ends stay."""
    assert rewrite(before, [NEW]).text == after


@pytest.mark.parametrize(
    "text",
    [
        "thing==1.1\n",
        "thing>=1.0\n",
        "thing==1.*\n",
        "thing!=1.0\n",
        "thing-else==1.0\n",
        "# thing==1.0\n",
        "other==1.0 # thing==1.0\n",
        "other; extra == '1.0'\n",
        "thing @ https://example.invalid/thing-1.0.zip#sha256==1.0\n",
        "-e ./thing\n",
        "--index-url https://example.invalid/thing==1.0\n",
        "-r thing==1.0\n",
        "",
        "\n\r\n\r",
        "thing==\n",
    ],
)
def test_what_is_no_such_pin_stays(text: str) -> None:
    """Other versions, ranges, comments, URLs and options are left alone."""
    assert rewrite(text, [NEW]).text == text


def test_two_pins_of_one_package_are_told_apart() -> None:
    """Markers may choose between versions; each has its own replacement."""
    other = Replacement(name="thing", pinned="2.0", version="2.0+avr.3", hashes=())
    text = "thing==1.0; python_version < '3'\nthing==2.0; python_version >= '3'\n"
    expected = "thing==1.0+avr.1; python_version < '3'\nthing==2.0+avr.3; python_version >= '3'\n"
    assert rewrite(text, [NEW, other]).text == expected


def test_hashes_are_added_to_every_pin() -> None:
    """A file without hashes gets them all, before comments and in the file's line ends."""
    made = rewrite("thing==1.0  # why\r\nabc==2.0\r\n", [NEW], _known)
    assert made.text == (
        "thing==1.0+avr.1 \\\r\n    --hash=sha256:aa \\\r\n    --hash=sha256:bb  # why\r\n"
        "abc==2.0 \\\r\n    --hash=sha256:33\r\n"
    )
    assert (made.replaced, made.unhashed) == (("thing",), ())


@pytest.mark.parametrize(
    "line", ["unknown==1.0", "range>=1", "-e .", "./local.whl", "x @ https://example.invalid/x.zip"]
)
def test_entries_without_known_hashes_are_listed(line: str) -> None:
    """They keep pip from demanding hashes, so the caller must know."""
    assert rewrite(f"{line}\n", [], _known).unhashed == (line,)


def test_hashes_are_recognised() -> None:
    """Only those outside of comments count."""
    assert has_hashes("a==1 \\\n  --hash=sha256:01\n")
    assert not has_hashes("a==1 # --hash=sha256:01\n")


def test_pins_are_listed_by_normalised_name() -> None:
    """Names are compared as PEP 503 says."""
    assert pins("Zope.Interface==5\nb>=1\n# c==1\n") == {"zope-interface": "5"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a==1\n", "--find-links out/wheels\na==1\n"),
        ("a==1\r\n", "--find-links out/wheels\r\na==1\r\n"),
        ("\ufeffa==1\n", "\ufeff--find-links out/wheels\na==1\n"),
        ("# -*- coding: latin-1 -*-\na==1\n", "# -*- coding: latin-1 -*-\n--find-links out/wheels\na==1\n"),
        ("--find-links out/wheels\na==1\n", "--find-links out/wheels\na==1\n"),
        ("a==1\n--find-links=out/wheels\n", "a==1\n--find-links=out/wheels\n"),
    ],
)
def test_the_folder_of_wheels_is_named_once(before: str, after: str) -> None:
    """The option goes to the top, after what must stay first."""
    assert with_find_links(before, "out/wheels") == after


def test_a_folder_with_a_space_is_quoted() -> None:
    """Pip splits options as a shell does."""
    assert with_find_links("", "my out/wheels") == "--find-links 'my out/wheels'\n"


_TEXT = st.text(alphabet=st.sampled_from(list("abth=ing10.;#\\ -\n\r\t[],@<>~!")), max_size=80)


@given(_TEXT)
def test_logical_lines_lose_nothing(text: str) -> None:
    """Cut and joined, any text is itself again."""
    assert "".join(logical_lines(text)) == text


@given(_TEXT)
def test_nothing_to_replace_changes_nothing(text: str) -> None:
    """Without replacements every text stays as it is."""
    assert rewrite(text, []).text == text


@given(_TEXT)
def test_rewriting_twice_is_rewriting_once(text: str) -> None:
    """A rewritten text holds no pin that is still to be replaced."""
    once = rewrite(text, [NEW]).text
    assert rewrite(once, [NEW]).text == once
