"""Fetch pages."""


def fetch(client, address):
    """The text of a page."""
    client.wait(address)
    return open(client.cached(address)).read()
