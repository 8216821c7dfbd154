"""Finds a fix without any repository: the difference of the last affected and the first fixed release, isolated."""

from avr.ecosystems.schemes import Version
from avr.errors import AvrError
from avr.model.fix import ChangeKind, Fix, FixRoute
from avr.stages.plan.changeset import fixes_code
from avr.stages.plan.clues import clues
from avr.stages.plan.finder import Context, Found
from avr.stages.plan.isolate import isolate


def find(context: Context) -> Found:
    """The isolated difference of the releases around the fix nearest to the pin."""
    ends = _ends(context)
    if ends is None:
        return Found(reasons=("no fixed release above the pin is known to the index",))
    last, first = ends
    try:
        before, after = context.tree_of(last), context.tree_of(first)
    except AvrError as error:
        return Found(reasons=(f"the releases {last} and {first} cannot be compared: {error.message}",))
    found = isolate(before, after, clues(context.finding.advisory, before, after), context.packages)
    if found is None or not fixes_code(found.files):
        return Found(reasons=(f"nothing in the difference of {last} and {first} points at the fix",))
    tests = any(file.kind is ChangeKind.TEST for file in found.files)
    fix = Fix(
        advisory=context.finding.id,
        route=FixRoute.RELEASE_DIFF,
        files=found.files,
        confidence=found.confidence,
        reasons=(
            f"difference of {last} and {first}",
            *found.reasons,
            *(() if tests else ("these releases carry no tests",)),
        ),
        only_for_review=found.reasons[0] if found.mixed else "",
        subject=f"Security change of {context.pin.component.name} {first}",
    )
    return Found(fixes=(fix,))


def _ends(context: Context) -> tuple[str, str] | None:
    """The last affected and the first fixed release, as the index writes them."""
    known = {parsed: text for text in context.versions if (parsed := context.scheme.parse(text)) is not None}
    own, first = context.scheme.parse(context.pin.component.version), _first_fixed(context)
    if own is None or first is None or first not in known:
        return None
    below = [each for each in known if own <= each < first and (not each.is_prerelease or each == own)]
    return known[max(below, default=own)] if below else context.pin.component.version, known[first]


def _first_fixed(context: Context) -> Version | None:
    """The nearest fixed release that the advisory names, or the release after the last affected one it names."""
    if context.nearest_fixed is not None:
        return context.scheme.parse(context.nearest_fixed)
    events = (
        event.last_affected
        for package in context.finding.advisory.affected
        for each in package.ranges
        for event in each.events
    )
    affected = [parsed for event in events if event and (parsed := context.scheme.parse(event)) is not None]
    own = context.scheme.parse(context.pin.component.version)
    last = min((each for each in affected if own is not None and each >= own), default=None)
    known = sorted(parsed for text in context.versions if (parsed := context.scheme.parse(text)) is not None)
    later = [each for each in known if last is not None and each > last and not each.is_prerelease]
    return later[0] if later else None
