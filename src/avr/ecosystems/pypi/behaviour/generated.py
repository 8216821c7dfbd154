"""Further inputs around recorded ones, made by Hypothesis outside of the sandbox and the same every time.

Only literals are varied, each within its own type and out of the pieces that were recorded: the inputs stay near what
the suite itself calls benign. https://hypothesis.readthedocs.io/
"""

import base64
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from avr.ecosystems.pypi.behaviour.reading import Call, Literal
from avr.tools.python_syntax import PARSING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_LONGEST = 400


def calls(recorded: Iterable[Call], each: int, most: int) -> tuple[Call, ...]:
    """At most `each` new calls for a function and `most` in all; none where no argument is a literal."""
    found: dict[str, list[Call]] = {}
    known = list(recorded)
    for call in known:
        found.setdefault(call.function, []).append(call)
    made: list[Call] = []
    for function in sorted(found):
        old = {repr(each.request()) for each in found[function]}
        new = {repr(one.request()): one for one in _around(found[function], each)}
        made += [one for key, one in new.items() if key not in old]
    return tuple(made[:most])


def _around(known: Sequence[Call], count: int) -> list[Call]:
    texts, numbers = _texts(known), _numbers(known)

    def value(of: Literal) -> "SearchStrategy[Literal]":
        return _varied(of, texts, numbers)

    from hypothesis import strategies

    templates = [call for call in known if any(map(_varies, (*call.arguments, *call.named.values())))]
    if not templates:
        return []
    positional = [strategies.tuples(*map(value, call.arguments)) for call in templates]
    named = [
        strategies.fixed_dictionaries({name: value(each) for name, each in call.named.items()}) for call in templates
    ]
    options = [
        strategies.builds(_with, strategies.just(call), *given)
        for call, *given in zip(templates, positional, named, strict=True)
    ]
    return _examples(strategies.one_of(options), count)


def _with(call: Call, arguments: tuple[Literal, ...], named: Mapping[str, Literal]) -> Call:
    return replace(call, arguments=arguments, named=named, tests=frozenset(), generated=True)


def _examples(strategy: "SearchStrategy[Call]", count: int) -> list[Call]:
    import hypothesis
    from hypothesis.configuration import set_hypothesis_home_dir

    found: list[Call] = []
    settings = hypothesis.settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    def collect(call: Call) -> None:
        found.append(call)

    # it parses the modules around it, and where it keeps its files is one setting for the whole process
    with PARSING, tempfile.TemporaryDirectory(prefix="avr-hypothesis-") as folder:
        set_hypothesis_home_dir(Path(folder))  # or it would write into the user's own folder
        run: Callable[[], None] = settings(hypothesis.given(strategy)(collect))
        run()
    return found


def _varied(value: Literal, texts: Sequence[str], numbers: Sequence[int]) -> "SearchStrategy[Literal]":
    """Values of the same type, often the recorded one itself."""
    from hypothesis import strategies as st

    same = st.just(value)
    ((tag, body),) = value.items()
    match tag, body:
        case "s", str(text):
            return st.one_of(same, _text(text, texts).map(lambda made: {"s": made}))
        case "b", str(text):
            raw = base64.b64decode(text).decode("latin-1")
            return st.one_of(same, _text(raw, texts).map(lambda made: {"b": _base64(made)}))
        case "i", str(text):
            near = [int(text) + step for step in (-1, 1)]
            return st.one_of(same, st.sampled_from([*near, *numbers]).map(lambda made: {"i": str(made)}))
        case "c", bool():
            return st.booleans().map(lambda made: {"c": made})
        case (("l" | "t"), list(items)):
            inner = [_varied(each, texts, numbers) for each in items if isinstance(each, dict)]
            return st.one_of(same, st.tuples(*inner).map(lambda made: {tag: list(made)}))
    return same


def _text(text: str, others: Sequence[str]) -> "SearchStrategy[str]":
    """The text without a part of it, with a part of another one in it, or said twice."""
    from hypothesis import strategies as st

    place = st.integers(0, len(text))
    cut = st.tuples(place, place).map(lambda made: text[: min(made)] + text[max(made) :])
    pieces = st.sampled_from(list(others) or [""])
    put = st.tuples(place, pieces).map(lambda made: text[: made[0]] + made[1] + text[made[0] :])
    return st.one_of(cut, put, st.just(text + text)).map(lambda made: made[:_LONGEST])


def _texts(known: Iterable[Call]) -> list[str]:
    """Recorded texts, and the words and marks that they are made of."""
    whole = {text for text in _leaves(known, "s") if len(text) <= _LONGEST}
    marks = {each for text in whole for each in text if not each.isalnum()}
    words = {word for text in whole for word in text.split()}
    return sorted(whole | marks | words)[:200]


def _numbers(known: Iterable[Call]) -> list[int]:
    return sorted({int(each) for each in _leaves(known, "i") if len(each) < 20})[:50]


def _leaves(known: Iterable[Call], wanted: str) -> Iterator[str]:
    waiting: list[object] = [each for call in known for each in (*call.arguments, *call.named.values())]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [each for tag, each in value.items() if tag in {"l", "t", "d"}]
            yield from (each for tag, each in value.items() if tag == wanted and isinstance(each, str))


def _varies(value: Mapping[str, object]) -> bool:
    ((tag, body),) = value.items()
    return tag in {"s", "b", "i"} or isinstance(body, bool) or (tag in {"l", "t"} and bool(body))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("latin-1", "replace")).decode("ascii")
