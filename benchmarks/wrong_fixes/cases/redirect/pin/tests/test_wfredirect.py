from wfredirect import after_login, login, target


def test_same_site():
    assert target("/a?b=c", "example.invalid") == "/a?b=c"


def test_same_host():
    assert target("https://example.invalid/x", "example.invalid") == "https://example.invalid/x"


def test_other_host():
    assert target("https://evil.invalid/", "example.invalid", "/start") == "/start"


def test_after_login():
    assert after_login({"next": "/inbox"}, "example.invalid") == ("302 Found", [("Location", "/inbox")])


def test_after_login_without_next():
    assert after_login({}, "example.invalid") == ("302 Found", [("Location", "/home")])


def test_login():
    assert login("/a&b") == "/login?next=/a%26b"
