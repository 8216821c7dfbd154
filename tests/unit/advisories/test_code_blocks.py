"""Code is found in an advisory's Markdown, within bounds."""

import pytest

from avr.advisories.code_blocks import LARGEST, LOOKED_AT, MOST, python_blocks

CODE = "import thing\nthing.run()\n"


@pytest.mark.parametrize("language", ["", "python", "Python", "py", "python3 title=x", "pycon", "{.python}"])
def test_blocks_of_python_are_kept(language: str) -> None:
    """A fence whose language is Python, or that names none."""
    assert (CODE,) == python_blocks(f"### PoC\n\n```{language}\n{CODE}```\n")


@pytest.mark.parametrize("language", ["console", "html", "diff", "js", "pythonic"])
def test_other_languages_are_left_out(language: str) -> None:
    """What says to be something else is not tried."""
    assert () == python_blocks(f"```{language}\n{CODE}```\n")


def test_indented_and_nested_blocks_are_found_in_order() -> None:
    """In lists and by indentation, as CommonMark has them."""
    text = "1. First:\n\n   ```python\n   a = 1\n   ```\n\nThen:\n\n    b = 2\n"
    assert ("a = 1\n", "b = 2\n") == python_blocks(text)


@pytest.mark.parametrize("heading", ["Patches", "Workarounds", "Fix suggestion", "Mitigation", "Possible solutions"])
def test_the_remedy_is_no_proof_of_concept(heading: str) -> None:
    """Code below a heading about the remedy is left out until the next heading."""
    assert ("x = 1\n",) == python_blocks(f"## {heading}\n\n```python\n{CODE}```\n\n## PoC\n\n```\nx = 1\n```\n")


def test_prose_without_code_has_none() -> None:
    """Most advisories."""
    assert () == python_blocks("A `<script>` in *names* runs: `import os`.")


def test_bounds_hold() -> None:
    """Blocks that are too long, too many, too far behind or that hold a NUL are left out."""
    assert () == python_blocks("```\n" + "a = 1\n" * LARGEST + "```\n")
    assert MOST == len(python_blocks("```\na = 1\n```\n\n" * (MOST + 5)))
    assert () == python_blocks("x " * LOOKED_AT + f"\n\n```\n{CODE}```\n")


def test_hostile_nesting_ends() -> None:
    """Quotes in quotes by the thousand are read in bounded depth."""
    assert isinstance(python_blocks(">" * 20_000 + "\n```\na = 1\n```\n" + "[" * 20_000), tuple)
