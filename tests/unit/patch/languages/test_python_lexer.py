"""Python is read line by line and all tokens at once, and that is what token by token would give."""

from hypothesis import given, settings
from hypothesis import strategies as st

from avr.stages.patch.languages import python_lexer
from avr.stages.patch.languages.python_lexer import _RAW, _TOKEN, _by_lines, _by_tokens

WORDS = (
    *("a", "b", "rb", "u", "F", "\xe9", "\xb2", "\x85", "0x1", "1e+5", ".5", "return", "f("),
    *("'", '"', "'''", '"""', "\\", "\\\n", "\n", "    ", "\t", "\f", "#", "(", ")", "[", "]", "{", "}"),
    *(",", ",\n)", ":", ":=", "=", "==", "**=", "->", "<>", "~", "`", ".", "...", "!", "?", "(1,)", "x[1,]"),
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map(lambda words: "".join(words) + "\n")


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_all_tokens_at_once_are_those_found_one_by_one(text: str) -> None:
    """Both patterns cut a text alike, and the kinds told from a token are those of the pattern."""
    found = [(match[0], match.lastgroup) for match in _TOKEN.finditer(text)]
    assert _RAW.findall(text) == [raw for raw, _ in found]
    nothing = {"space", "comment", "newline"}
    assert all(python_lexer._kind(raw) == kind for raw, kind in found if kind not in nothing)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_lines_give_what_tokens_give(text: str) -> None:
    """A statement gathered by lines is the one gathered token by token; or it is left to that."""
    by_lines = _by_lines(text, 0)
    if by_lines is not None:
        assert by_lines == _by_tokens(text, 0)


def test_shapes_know_where_their_tokens_stand() -> None:
    """Tokens stand where they did, without what means nothing, whatever lies between them."""
    text = "  call(a,  # one\n     b'x',\n     (1,),\n  )\n"
    (statement,) = python_lexer.statements(text) or []
    assert statement.shape.key == "call ( a , b'x' , ( 1 , ) )"
    words = ["call", "(", "a", ",", "b'x'", ",", "(", "1", ",", ")", ")"]
    assert [text[each.start : each.end] for each in statement.tokens] == words
