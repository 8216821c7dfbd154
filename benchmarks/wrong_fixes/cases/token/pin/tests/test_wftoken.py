import pytest

from wftoken import BadToken, sign, verify, verify_any


def test_round():
    assert verify(sign("a.b", b"key"), b"key") == "a.b"


def test_wrong_key():
    with pytest.raises(BadToken):
        verify(sign("a", b"key"), b"other")


def test_any():
    assert verify_any(sign("a", b"old"), [b"new", b"old"]) == "a"


def test_none_of_the_keys():
    with pytest.raises(BadToken):
        verify_any(sign("a", b"x"), [b"new", b"old"])
