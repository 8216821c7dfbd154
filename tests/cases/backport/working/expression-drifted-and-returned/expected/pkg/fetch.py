"""Fetch pages."""


def fetch(client, address):
    """The text of a page."""
    client.wait(address)
    body = open(client.cached(address)).read()
    if len(body) > LIMIT:
        raise ValueError("too large")
    return body
