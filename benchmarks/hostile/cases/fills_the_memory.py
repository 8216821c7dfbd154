"""Takes memory without end."""

ENDS = "limit"


def test_fills():
    kept = []
    while True:
        kept.append(bytearray(32 << 20))
