"""Mail."""

import re

SPLIT = re.compile(",")
LONGEST = 320


def addresses(text):
    parts = SPLIT.split(text)
    parts = [part.strip() for part in parts]
    if len(text) > LONGEST:
        raise ValueError(text)
    return parts
