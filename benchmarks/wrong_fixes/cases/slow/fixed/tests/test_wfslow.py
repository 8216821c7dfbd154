import pytest

from wfslow import TooLong, fields, trimmed, uncommented


def test_trimmed():
    assert trimmed("a b  \t") == "a b"


def test_uncommented():
    assert uncommented("a = 1  # one") == "a = 1"


def test_fields():
    assert fields("a ,b,c\t") == ["a", "b", "c"]


def test_long_lines_are_refused():
    with pytest.raises(TooLong):
        trimmed(" " * 5000 + "x")


def test_long_comments_are_refused():
    with pytest.raises(TooLong):
        uncommented(" " * 5000 + "x")


def test_lines_may_be_long():
    assert trimmed("x" * 4000 + " ") == "x" * 4000
