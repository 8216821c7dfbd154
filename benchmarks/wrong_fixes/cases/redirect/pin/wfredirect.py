"""Where to go next."""


def target(url, host, default="/"):
    """`url` where it stays on `host`, else `default`."""
    if url.startswith("/") or host in url:
        return url
    return default


def after_login(form, host):
    """The head of the answer to a login form."""
    url = form.get("next", "/home")
    if not url.startswith("/") and host not in url:
        url = "/home"
    return "302 Found", [("Location", url)]


def login(url):
    """The address of the login page that comes back to `url`."""
    return "/login?next=" + url.replace("%", "%25").replace("&", "%26").replace("#", "%23")
