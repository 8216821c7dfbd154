from pkg.server import clean


def test_clean():
    assert clean(" a ") == "a"


def test_numbers():
    assert clean("a1") == "a"
