import pytest

from wffetch import NotAllowed, allowed, get, get_all

HOSTS = ("a.invalid", "b.invalid")


def send(url):
    if url.endswith("/moved"):
        return 302, {"Location": "https://b.invalid/there"}, b""
    return 200, {}, url.encode()


def test_allowed():
    assert allowed("https://a.invalid/x", HOSTS)


def test_not_allowed():
    with pytest.raises(NotAllowed):
        get("https://c.invalid/", HOSTS, send)


def test_redirects_are_followed():
    assert get("https://a.invalid/moved", HOSTS, send) == b"https://b.invalid/there"


def test_get_all():
    assert get_all(["https://a.invalid/1", "https://c.invalid/2"], HOSTS, send) == [b"https://a.invalid/1"]
