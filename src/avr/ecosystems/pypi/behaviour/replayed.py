"""Calls replayed on both sides become numbers and differences. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from avr.ecosystems.pypi.behaviour import compare, reading
from avr.ecosystems.pypi.behaviour.reading import Call, Literal, Recorded
from avr.model.behaviour import ChangedCall, Observation, Watched

Outcomes = Sequence[Sequence[Literal | None]]
"""For each repetition, the outcome of each call in their order."""


def differing(calls: Sequence[Call], before: Outcomes, after: Outcomes) -> list[int]:
    """The positions of the calls that end otherwise."""
    return [
        number
        for number, call in enumerate(calls)
        if not compare.set_aside(call, [each[number] for each in before], [each[number] for each in after])
        and compare.difference(before[0][number] or {}, after[0][number] or {}) is not None
    ]


def as_upstream(numbers: Sequence[int], after: Outcomes, upstream: Outcomes) -> frozenset[int]:
    """Those of the differing calls at `numbers` whose new outcome upstream's fixed release gives too, each time.

    `upstream` holds the outcomes of these calls alone.
    """
    found = []
    for place, number in enumerate(numbers):
        outcomes, new = [each[place] for each in upstream], after[0][number] or {}
        told = all(each and "u" not in each and "h" not in each for each in outcomes)
        if outcomes and told and all(compare.difference(new, each or {}) is None for each in outcomes):
            found.append(number)
    return frozenset(found)


def compared(
    calls: Sequence[Call],
    before: Outcomes,
    after: Outcomes,
    recorded: Recorded,
    upstreams: Collection[int] = (),
) -> Observation:
    """What came of `calls`; `upstreams` are the positions of those that end as in upstream's fixed release."""
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
        changed += [
            replace(each, as_upstream=number in upstreams) for each in _difference(call, old[0] or {}, new[0] or {})
        ]
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
