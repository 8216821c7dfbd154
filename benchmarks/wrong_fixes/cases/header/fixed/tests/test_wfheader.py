import pytest

from wfheader import BadHeader, cookie, folded, head, redirect


def test_head():
    assert head(200, [("A", "b")]) == "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"


def test_redirect():
    assert "Location: /x?a=b\r\n" in redirect("/x?a=b")


def test_cookie():
    assert cookie("a", "b", secure=True) == ("Set-Cookie", "a=b; Path=/; Secure")


def test_folded():
    assert folded("a\r\n b") == "a b"


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=y", "a\nX: y"])
def test_values_stay_on_their_line(value):
    with pytest.raises(BadHeader):
        head(200, [("A", value)])


def test_cookie_values_add_no_attributes():
    with pytest.raises(BadHeader):
        cookie("a", "b; Domain=example.invalid")
