"""Writes until there is no room: into its folder, the temporary folder and shared memory."""

ENDS = "limit"


def test_fills():
    block = b"x" * (8 << 20)
    for place in ("/tmp/tree/filler", "/tmp/filler", "/dev/shm/filler"):
        try:
            with open(place, "wb") as file:
                for _ in range(100_000):
                    file.write(block)
        except OSError:
            continue
    raise SystemExit(1)
