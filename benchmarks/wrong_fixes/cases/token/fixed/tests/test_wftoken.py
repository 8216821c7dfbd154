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


def test_no_algorithm_is_no_signature():
    with pytest.raises(BadToken):
        verify("none.admin.", b"key")


def test_no_algorithm_is_no_signature_with_any_key():
    with pytest.raises(BadToken):
        verify_any("none.admin.", [b"key"])


def test_longer_algorithms():
    assert verify(sign("a", b"key", "sha512"), b"key") == "a"
