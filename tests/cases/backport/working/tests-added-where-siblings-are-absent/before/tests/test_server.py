from pkg.server import clean


def test_clean():
    assert clean(" a ") == "a"


def test_symbols():
    assert clean("a-b") == "ab"
