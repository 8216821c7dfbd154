"""Calls replayed on both sides become numbers and differences. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from avr.ecosystems.pypi.behaviour import compare, reading
from avr.ecosystems.pypi.behaviour.reading import Call, Literal, Recorded
from avr.model.behaviour import ChangedCall, Observation, Watched


def compared(
    calls: Sequence[Call],
    before: Sequence[Sequence[Literal | None]],
    after: Sequence[Sequence[Literal | None]],
    recorded: Recorded,
) -> Observation:
    """What came of `calls`, whose outcomes are given for each repetition on either side, in their order."""
    aside: Counter[str] = Counter(recorded.lost)
    counts: dict[str, Counter[str]] = {}
    changed: list[ChangedCall] = []
    for number, call in enumerate(calls):
        old, new = [each[number] for each in before], [each[number] for each in after]
        count = counts.setdefault(call.function, Counter())
        if why := compare.set_aside(call, old, new):
            aside[why] += 1
            count["set_aside"] += 1
            continue
        count["generated" if call.generated else "recorded"] += 1
        count["returned"] += not call.generated and "r" in (old[0] or {})
        changed += _difference(call, old[0] or {}, new[0] or {})
    return Observation(
        watched=tuple(_watched(function, count, calls) for function, count in sorted(counts.items())),
        changed=_worst_first(changed),
        reasons=dict(aside),
    )


def _difference(call: Call, before: Literal, after: Literal) -> list[ChangedCall]:
    found = compare.difference(before, after)
    if found is None:
        return []
    return [
        ChangedCall(
            function=call.function,
            call=reading.shown(call),
            before=compare.told(before),
            after=compare.told(after),
            difference=found,
            public=call.public,
            generated=call.generated,
            tests=tuple(sorted(call.tests)),
            reached=tuple(sorted(call.reached)),
        )
    ]


def _watched(function: str, count: Counter[str], calls: Iterable[Call]) -> Watched:
    mine = [each for each in calls if each.function == function]
    return Watched(
        function=function,
        public=mine[0].public,
        reached=tuple(sorted({path for each in mine for path in each.reached})),
        recorded=count["recorded"],
        returned=count["returned"],
        generated=count["generated"],
        set_aside=count["set_aside"],
    )


def _worst_first(changed: Iterable[ChangedCall]) -> tuple[ChangedCall, ...]:
    """Recorded before generated, public before private."""
    return tuple(sorted(changed, key=lambda each: (each.generated, not each.public, each.function, each.call)))
