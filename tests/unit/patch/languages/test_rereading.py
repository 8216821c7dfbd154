"""A version of a file read by what it shares with another one is read as if it stood alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from avr.stages.patch.languages import python_lexer
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.languages.rereading import Version, reread

BLOCK = (
    "def step_{n}(value):",
    "    if value:",
    "        return call(",
    "            value,",
    "        )",
    "    text = '''",
    "not code (",
    "'''",
    "    # a comment",
    "    return {n}",
    "",
)
BASE = tuple(line.format(n=n) for n in range(30) for line in BLOCK)
INSERTED = (
    "x = 1",
    "    y = 2",
    "        z = (",
    ")",
    "'''",
    "",
    "# (",
    "def other():",
    "else:",
    "\treturn 3",
    "a = [1,",
    "2]",
)


def _source(lines: tuple[str, ...]) -> Source | None:
    text = "\n".join(lines) + "\n"
    found = python_lexer.statements(text)
    if found is None:
        return None
    return Source(text=text, statements=tuple(found), keys=tuple(each.key for each in found), language=PYTHON)


def _changed(cuts: list[tuple[int, int, list[str]]]) -> tuple[str, ...]:
    lines = list(BASE)
    for at, gone, come in sorted(cuts, reverse=True):
        lines[at : at + gone] = come
    return tuple(lines)


CUTS = st.lists(
    st.tuples(st.integers(0, len(BASE)), st.integers(0, 12), st.lists(st.sampled_from(INSERTED), max_size=3)),
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(cuts=CUTS)
def test_what_is_shared_is_read_alike(cuts: list[tuple[int, int, list[str]]]) -> None:
    """Whatever the changes, the statements and keys are those of reading the whole; or nothing is claimed."""
    base = _source(BASE)
    assert base is not None
    lines = _changed(cuts)
    again = reread(lines, "\n".join(lines) + "\n", [Version.of(BASE, base)], python_lexer.statements)
    whole = _source(lines)
    if again is not None:
        assert whole is not None
        assert again == (whole.statements, whole.keys)


def test_equal_ends_are_not_read() -> None:
    """Of a file with one changed line only the definition around it is read."""
    base = _source(BASE)
    assert base is not None
    asked: list[str] = []

    def read(text: str, widths: list[int]) -> list[Statement] | None:
        asked.append(text)
        return python_lexer.statements(text, widths)

    lines = (*BASE[:166], "    return 99", *BASE[167:])
    assert reread(lines, "\n".join(lines) + "\n", [Version.of(BASE, base)], read) is not None
    (between,) = asked
    assert between.count("\n") < 3 * len(BLOCK)


def test_only_the_changed_statements_of_a_long_class_are_read() -> None:
    """A file that is one class is read again in part too, and its depths stay what they are."""
    lines = ("class Whole:", *(f"    {line}" if line else "" for line in BASE))
    base = _source(lines)
    assert base is not None
    asked: list[str] = []

    def read(text: str, widths: list[int]) -> list[Statement] | None:
        asked.append(text)
        return python_lexer.statements(text, widths)

    changed = (*lines[:167], "        return 99", *lines[168:])
    again = reread(changed, "\n".join(changed) + "\n", [Version.of(lines, base)], read)
    whole = _source(changed)
    assert whole is not None
    assert again == (whole.statements, whole.keys)
    assert asked[0].count("\n") < len(BLOCK)


def test_what_stands_deeper_than_before_is_read_whole() -> None:
    """Where a change opens a block around what follows, the old depths do not hold."""
    lines = ("class Whole:", *(f"        {line}" if line else "" for line in BASE))
    base = _source(lines)
    assert base is not None
    changed = (*lines[:166], "    if value:", *lines[166:])
    again = reread(changed, "\n".join(changed) + "\n", [Version.of(lines, base)], python_lexer.statements)
    whole = _source(changed)
    assert whole is not None
    assert again is None or again == (whole.statements, whole.keys)


def test_a_continuation_without_more_is_no_other_statement() -> None:
    """A statement that was read with nothing behind its backslash is not taken for one with more."""
    short, long = "import a, \\\n\n", "import a, \\\n    b\n"
    alone, whole = python_lexer.statements(short), python_lexer.statements(long)
    assert alone is not None
    assert whole is not None
    assert [each.words[-1] for each in (*alone, *whole)] == [",", "b"]


def test_little_in_common_is_not_worth_it() -> None:
    """A file that shares less than half with every version is read whole by whoever asks."""
    base = _source(BASE)
    assert base is not None
    lines = (*("other()" for _ in BASE), *BASE[:40])
    assert reread(lines, "\n".join(lines) + "\n", [Version.of(BASE, base)], python_lexer.statements) is None
