"""Writes without end where the report goes, the one folder that comes back."""

ENDS = "limit"


def test_fills():
    with open("/results/filler", "wb") as file:
        while True:
            file.write(b"x" * (8 << 20))
