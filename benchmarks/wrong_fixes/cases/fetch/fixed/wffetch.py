"""Fetches pages from hosts that are allowed."""

from urllib.parse import urlsplit


class NotAllowed(ValueError):
    """An address that may not be fetched."""


def allowed(url, hosts):
    """Whether `url` is on one of `hosts`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return False
    return parts.hostname in hosts


def get(url, hosts, send, redirects=5):
    """The body at `url`; `send(url)` gives status, headers and body. Redirects are followed."""
    if not allowed(url, hosts):
        raise NotAllowed(url)
    status, headers, body = send(url)
    while status in (301, 302, 307) and redirects:
        url = headers["Location"]
        if not allowed(url, hosts):
            raise NotAllowed(url)
        redirects -= 1
        status, headers, body = send(url)
    return body


def get_all(urls, hosts, send):
    """The bodies of those addresses that may be fetched."""
    return [get(url, hosts, send) for url in urls if allowed(url, hosts)]
