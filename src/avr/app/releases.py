"""Which revisions of which pins were delivered from here, and what they close."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from avr.ecosystems import schemes
from avr.model.component import Component
from avr.model.identifiers import AdvisoryId, Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One revision: the findings that it closes and the digest of its patch."""

    revision: int
    closes: tuple[AdvisoryId, ...]
    patch: Digest


def base_of(component: Component) -> Component:
    """The component at upstream's own version: `2.11.2+avr.1` is `2.11.2` with a patch of ours."""
    base, revision = schemes.of(component.ecosystem).revision(component.version)
    return replace(component, version=base, hashes=()) if revision else component


def revision_of(component: Component) -> int:
    """The revision that a pin names, 0 for upstream's own."""
    return schemes.of(component.ecosystem).revision(component.version)[1]


class Releases:
    """A small ledger, one JSON file per pin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, base: Component) -> tuple[Delivered, ...]:
        """Revisions of an upstream version, oldest first."""
        path = self._path(base)
        if not path.exists():
            return ()
        entries = json.loads(path.read_text())
        return tuple(
            Delivered(
                revision=entry["revision"],
                closes=tuple(AdvisoryId(each) for each in entry["closes"]),
                patch=Digest(entry["patch"]),
            )
            for entry in entries
        )

    def closed_by(self, component: Component) -> frozenset[AdvisoryId]:
        """What the pinned revision closes; nothing for upstream's own version or a revision not made here."""
        revision = revision_of(component)
        known = [each for each in self.of(base_of(component)) if each.revision == revision]
        return frozenset(advisory for each in known for advisory in each.closes)

    def revision_for(self, base: Component, patch: Digest, at_least: int) -> int:
        """The revision that carried this very patch before, or the next free one."""
        known = self.of(base)
        same = [each.revision for each in known if each.patch == patch and each.revision >= at_least]
        return same[0] if same else max([at_least - 1, *(each.revision for each in known)]) + 1

    def record(self, base: Component, revision: int, closes: Sequence[AdvisoryId], patch: Digest) -> None:
        """Remember a delivered revision; the same one again replaces its entry."""
        kept = [each for each in self.of(base) if each.revision != revision]
        kept.append(Delivered(revision=revision, closes=tuple(sorted(closes)), patch=patch))
        kept.sort(key=lambda each: each.revision)
        self._folder.mkdir(parents=True, exist_ok=True)
        entries = [{"revision": each.revision, "closes": list(each.closes), "patch": each.patch} for each in kept]
        temporary = self._path(base).with_suffix(".tmp")
        temporary.write_text(json.dumps(entries, indent=1))
        temporary.replace(self._path(base))

    def _path(self, base: Component) -> Path:
        name = quote(base.name, safe="@")
        return self._folder / f"{base.ecosystem.lower()}-{name}-{base.version.replace('/', '_')}.json"
