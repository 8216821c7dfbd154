from wfslow import fields, trimmed, uncommented


def test_trimmed():
    assert trimmed("a b  \t") == "a b"


def test_uncommented():
    assert uncommented("a = 1  # one") == "a = 1"


def test_fields():
    assert fields("a ,b,c\t") == ["a", "b", "c"]
