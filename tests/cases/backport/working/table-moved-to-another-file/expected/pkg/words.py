"""Words."""

WORDS = {
    "one": 1,
    "two": 2,
    "three": 33,
    "four": 4,
    "six": 6,
}
