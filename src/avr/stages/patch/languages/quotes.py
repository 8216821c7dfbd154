"""Which quotes a file uses nearly everywhere."""

from functools import lru_cache

from avr.stages.patch.languages.interface import Source

_FEW = 4
_NEARLY_ALL = 0.9


@lru_cache(maxsize=16)
def usual(source: Source, without: tuple[str, ...] = ()) -> str | None:
    """The quote that nearly all strings of a file end in; None where they are few or of several kinds.

    Strings whose norm ends in one of `without` do not count.
    """
    found = [
        source.text[each.start + end - 1]
        for each in source.statements
        for kind, norm, end in zip(each.shape.kinds, each.words, each.shape.ends, strict=True)
        if kind == "string" and not (without and norm.endswith(without))
    ]
    most = max(set(found), key=found.count, default=None)
    return most if len(found) > _FEW and found.count(str(most)) > _NEARLY_ALL * len(found) else None
