class Error(Exception):
    """What went wrong."""


class NotFound(Error):
    """Nothing there."""
