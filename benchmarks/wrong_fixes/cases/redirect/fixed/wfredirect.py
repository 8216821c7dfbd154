"""Where to go next."""

from urllib.parse import urlsplit


def _stays(url, host):
    url = url.replace("\\", "/")
    if any(ord(each) < 33 for each in url):
        return False
    parts = urlsplit(url)
    if parts.scheme not in ("", "http", "https"):
        return False
    if not parts.netloc:
        return url.startswith("/") and not url.startswith("//") and not parts.scheme
    return parts.netloc == host and bool(parts.scheme)


def target(url, host, default="/"):
    """`url` where it stays on `host`, else `default`."""
    if _stays(url, host):
        return url
    return default


def after_login(form, host):
    """The head of the answer to a login form."""
    url = form.get("next", "/home")
    if not _stays(url, host):
        url = "/home"
    return "302 Found", [("Location", url)]


def login(url):
    """The address of the login page that comes back to `url`."""
    return "/login?next=" + url.replace("%", "%25").replace("&", "%26").replace("#", "%23")
