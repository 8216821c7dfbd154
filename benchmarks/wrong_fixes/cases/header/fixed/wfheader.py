"""Builds the head of an HTTP response."""

FORBIDDEN = ("\r", "\n", "\0")
STATUS = {200: "OK", 302: "Found", 404: "Not Found"}


class BadHeader(ValueError):
    """A text that would end its header."""


def _clean(text):
    for each in FORBIDDEN:
        if each in text:
            raise BadHeader(text)
    return text


def head(status, headers):
    """The status line and the headers, with the empty line that ends them."""
    lines = ["HTTP/1.1 %d %s" % (status, STATUS.get(status, "Unknown"))]
    for name, value in headers:
        lines.append("%s: %s" % (_clean(name), _clean(value)))
    return "\r\n".join(lines) + "\r\n\r\n"


def redirect(url):
    """A head that sends the client to `url`."""
    return head(302, [("Location", url)])


def cookie(name, value, path="/", secure=False):
    """The header that sets a cookie."""
    if ";" in name + value + path:
        raise BadHeader(value)
    text = "%s=%s; Path=%s" % (name, value, path)
    if secure:
        text += "; Secure"
    return "Set-Cookie", text


def folded(value):
    """A value that was folded over lines, on one line."""
    return " ".join(part.strip() for part in value.splitlines())
