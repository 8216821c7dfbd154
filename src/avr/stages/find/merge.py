"""Groups records of one vulnerability: CVE, GHSA and PYSEC are names of one thing. Pure and order-free."""

from collections.abc import Iterable, Sequence

from avr.model.advisory import Advisory, AffectedPackage
from avr.model.identifiers import AdvisoryId

_PREFERENCE = ("PYSEC-", "GHSA-", "CVE-")


def merge(records: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """One advisory for each group of records that share an id, directly or through others, sorted by id.

    No id is lost, withdrawn records are dropped, and the order of `records` does not matter.
    """
    groups: dict[AdvisoryId, list[Advisory]] = {}
    for record in records:
        if record.withdrawn is not None:
            continue
        group = [record]
        for each in record.ids:
            known = groups.get(each)
            if known is not None and known is not group:
                group.extend(known)
                groups.update((name, group) for member in known for name in member.ids)
        groups.update((name, group) for name in record.ids)
    distinct = {id(group): group for group in groups.values()}
    return tuple(sorted((_union(group) for group in distinct.values()), key=lambda each: each.id))


def _union(group: Sequence[Advisory]) -> Advisory:
    """One advisory out of records of the same vulnerability; its fields are sorted, so that order cannot show."""
    newest_first = sorted(group, key=lambda each: (each.modified, each.id), reverse=True)
    own = min((each.id for each in group), key=_rank)
    ids = {name for each in group for name in each.ids} - {own}
    return Advisory(
        id=own,
        aliases=tuple(sorted(ids)),
        modified=newest_first[0].modified,
        published=min((each.published for each in group if each.published is not None), default=None),
        summary=next((each.summary for each in newest_first if each.summary), ""),
        details=next((each.details for each in newest_first if each.details), ""),
        code=tuple(
            dict.fromkeys(sorted((block for each in group for block in each.code), key=lambda block: block.record))
        ),
        affected=tuple(sorted({part for each in group for part in each.affected}, key=_affected_order)),
        references=tuple(
            sorted({link for each in group for link in each.references}, key=lambda link: (link.type, link.url))
        ),
        severity=tuple(
            sorted({score for each in group for score in each.severity}, key=lambda score: (score.type, score.score))
        ),
        cwes=tuple(sorted({cwe for each in group for cwe in each.cwes})),
        sources=tuple(sorted({source for each in group for source in each.sources})),
    )


def _rank(name: AdvisoryId) -> tuple[int, str]:
    for rank, prefix in enumerate(_PREFERENCE):
        if name.startswith(prefix):
            return rank, name
    return len(_PREFERENCE), name


def _affected_order(part: AffectedPackage) -> tuple[str, str, str]:
    return part.ecosystem, part.name, repr(part)
