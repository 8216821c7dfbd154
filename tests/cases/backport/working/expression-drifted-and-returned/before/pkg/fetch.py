"""Fetch pages."""


def fetch(client, address, limit):
    """The text of a page."""
    client.wait(address)
    return client.get(address).text
