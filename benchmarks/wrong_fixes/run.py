"""`make wrong-fixes`: every planted wrong fix goes through the gates of `avr fix`, and the right ones as control.

Prints a table by kind and every fix that slipped through. Ends with exit code 1 where less than 95 % are refused or a
right fix is not called fixed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from avr import config
from avr.model.identifiers import Gate
from benchmarks.wrong_fixes.cases import KINDS, Case, Wrong, cases
from benchmarks.wrong_fixes.gates import Court, Ruling

DEMANDED = 0.95
AT_ONCE = 2
_STATIC = (Gate.APPLIES, Gate.SOUND, Gate.NECESSITY)
"""What is left out to see what the suite, upstream's tests and the exploit refuse by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One wrong fix and its ruling."""

    wrong: Wrong
    ruling: Ruling


def tried(case: Case, settings: config.Settings, folder: Path) -> tuple[Ruling, Ruling, list[Row]]:
    """The rulings on the right fix, as upstream wrote it and in other words, and one row for each wrong one."""
    with ThreadPoolExecutor(AT_ONCE) as sandboxes, ThreadPoolExecutor(AT_ONCE) as rows:
        court = Court(case, settings, folder / case.name, sandboxes)
        control, other = rows.map(court.rule, [case.fixed, case.other])
        rulings = rows.map(court.rule, [each.tree for each in case.wrong])
        return control, other, [Row(wrong=one, ruling=two) for one, two in zip(case.wrong, rulings, strict=True)]


def table(rows: Sequence[Row]) -> list[str]:
    """By kind: planted, refused, and how many had been refused with fewer gates, in Markdown."""
    head = " | ".join(
        (
            "planted",
            "refused",
            "refused where upstream's lines do not fit",
            "by G3, G4 and G5 alone",
            "by G3 and G4 alone",
        )
    )
    lines = [f"| kind | {head} |", "| --- " * 6 + "|"]
    for kind in (*KINDS, "all"):
        mine = [row.ruling for row in rows if kind in (row.wrong.kind, "all")]
        counts = (
            len(mine),
            sum(not each.fixed for each in mine),
            sum(not each.without() for each in mine),
            sum(not each.without(*_STATIC) for each in mine),
            sum(not each.without(*_STATIC, Gate.EXPLOIT) for each in mine),
        )
        lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    return lines


def _told(row: Row) -> str:
    ruling = row.ruling
    lenient = "" if not ruling.without() else " (not where upstream's lines do not fit)"
    how = "SLIPPED" if ruling.fixed else f"refused [{ruling.found.code}]{lenient}"
    gates = " ".join(ruling.against) or "-"
    return f"  {row.wrong.name} ({row.wrong.kind}): {how}; against it {gates}; {ruling.found.why[:100]}"


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="cases; all where none is given")
    options = parser.parse_args()
    started = time.monotonic()
    chosen = cases(tuple(options.names))
    rows: list[Row] = []
    controls = others = 0
    with tempfile.TemporaryDirectory(prefix="avr-wrong-") as scratch:
        settings = config.load({**os.environ, "AVR_CACHE": os.environ.get("AVR_CACHE") or f"{scratch}/cache"})
        for case in chosen:
            control, other, found = tried(case, settings, Path(scratch))
            controls += control.fixed
            others += other.without()
            word = "fixed" if control.fixed else f"NOT fixed: {control.found.why}"
            weak = next((each.summary for each in control.evidence if each.gate is Gate.NECESSITY), "")
            print(f"{case.name}: {case.title}; the right fix is {word} ({weak})", file=sys.stderr)
            if not other.without():
                print(f"  in other words it is refused: {' '.join(other.against)}", file=sys.stderr)
            for row in found:
                print(_told(row), file=sys.stderr, flush=True)
            rows += found
    refused = sum(not row.ruling.fixed for row in rows)
    print("\n".join(table(rows)))
    print(f"\n{refused} of {len(rows)} wrong fixes refused; {controls} of {len(chosen)} right fixes called fixed")
    print(f"where upstream's lines do not fit, {others} of {len(chosen)} right fixes in other words are called fixed")
    for row in rows:
        if row.ruling.fixed or row.ruling.without():
            where = "slipped through" if row.ruling.fixed else "would slip through where upstream's lines do not fit"
            print(f"- {where}: {row.wrong.name} ({row.wrong.kind}): {row.wrong.why}")
    print(f"\n{time.monotonic() - started:.0f} s", file=sys.stderr)
    sys.exit(0 if refused >= DEMANDED * len(rows) and controls == len(chosen) else 1)


if __name__ == "__main__":
    main()
