"""Fetch pages."""


def fetch(client, address, limit):
    """The text of a page."""
    client.wait(address)
    body = client.get(address).text
    if len(body) > LIMIT:
        raise ValueError("too large")
    return body
