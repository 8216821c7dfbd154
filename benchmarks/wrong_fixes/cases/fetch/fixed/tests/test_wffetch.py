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


@pytest.mark.parametrize("url", ["https://evil.invalid/?a.invalid", "https://a.invalid.evil.invalid/"])
def test_the_host_is_compared_whole(url):
    with pytest.raises(NotAllowed):
        get(url, HOSTS, send)


def test_redirects_stay_on_allowed_hosts():
    with pytest.raises(NotAllowed):
        get("https://a.invalid/", HOSTS, lambda url: (302, {"Location": "https://evil.invalid/"}, b""))
