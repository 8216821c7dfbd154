from pkg.server import clean


def test_clean():
    assert clean(" a ") == "a"


def test_upper():
    assert clean("A") == "a"


def test_last():
    assert clean("") == ""


def test_numbers():
    assert clean("a1") == "a"
