class Error(Exception):
    """What went wrong."""


class NotFound(Error):
    """Nothing there."""


class TooLarge(Error):
    """More than is read."""

    status = 413
