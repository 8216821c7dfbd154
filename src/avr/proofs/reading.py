"""The verdict of one run of an exploit, read outside the sandbox from what it left there. Pure."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from avr.model.exploit import Signal

FLOOR = 0.3
"""A largest sample below this many seconds never fires: noise does not reach it."""
QUICK = 0.08
"""A largest sample below this many seconds is not slow, however the smaller ones compare."""
SUPER_LINEAR = 1.5
"""The exponent of size from which growth counts as super-linear; a quadratic algorithm has 2."""
LINEAR = 1.25
CUT = 2.0
"""The contract ends a sample after so many seconds: its time is a lower bound then."""
_NOISE = 0.002
HEAVY = 16 << 20
"""A largest sample below this many bytes never fires."""
LIGHT = 2 << 20
"""Samples below this many bytes count as so many: interpreters take as much for their own ends."""
FOLLOWS = 0.75
"""The exponent of size from which memory counts as growing with the input; what is held as it comes has 1."""
BOUNDED = 0.25
"""The exponent of size up to which memory counts as bounded; a limit that holds has 0."""


ENDLESS = 2.0
"""Seconds of processor time from which work that cannot be varied in size counts as hung."""
PROMPT = 0.2
"""Seconds up to which it counts as done; a machine under load does not bridge a factor of ten."""


class Shown(StrEnum):
    """How one run of an exploit ended."""

    FIRED = "fired"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run left behind: its report, whether the payload's witness appeared, and its wall time in seconds."""

    report: bytes | None
    witness: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The verdict and the reason for it."""

    shown: Shown
    detail: str


def read(left: Left, signal: Signal, nonce: str, secret: str) -> Reading:
    """The verdict that the report, the nonce and the signal's own traces agree on; else inconclusive."""
    report = _parsed(left.report)
    if report is None or report.get("nonce") != nonce:
        return _unknown("no report of this run was left")
    said, detail = report.get("verdict"), str(report.get("detail", ""))[:2000]
    if said == Shown.INCONCLUSIVE:
        return _unknown(detail)
    if signal is Signal.SLOW:
        return _from_samples(report.get("samples"), left.seconds) if said == "measured" else _unknown(detail)
    if signal is Signal.HUNG:
        return _from_time(report.get("samples"), left.seconds, detail) if said == "measured" else _unknown(detail)
    if signal is Signal.MEMORY:
        return _from_peaks(report.get("samples"), report.get("cut")) if said == "measured" else _unknown(detail)
    if said not in (Shown.FIRED, Shown.BLOCKED):
        return _unknown(f"{said!r} is no verdict")
    shown = Shown(said)
    traces = _traces(left, signal, _data(report), nonce, secret)
    if traces is not None and traces is not (shown is Shown.FIRED):
        return _unknown(f"the program says {shown.value} ({detail}), its traces disagree")
    return Reading(shown=shown, detail=detail)


def _unknown(detail: str) -> Reading:
    return Reading(shown=Shown.INCONCLUSIVE, detail=detail)


def _parsed(report: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(report) if report is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _data(report: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(report.get("data", "")), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _traces(left: Left, signal: Signal, data: bytes, nonce: str, secret: str) -> bool | None:
    """Whether the signal's own trace is there; None for signals that leave none outside."""
    match signal:
        case Signal.READ:
            return secret.encode() in data
        case Signal.SENT | Signal.INJECTED:
            return nonce.encode() in data
        case Signal.EXECUTED:
            return left.witness
        case _:
            return None


def _from_samples(samples: object, seconds: float) -> Reading:
    """Fired or blocked by how time grows; what lies between is not decided.

    A last sample that was cut makes growth look flatter than it is: the ones before it may still show that the work is
    slow, and nothing shows that it is not.
    """
    pairs = _pairs(samples)
    if len(pairs) < 2 or pairs[-1][1] > seconds + 1:
        return _unknown(f"samples {samples!r} within {seconds:.1f} s say nothing")
    found = _growth(pairs)
    if found.shown is Shown.FIRED or pairs[-1][1] < CUT:
        return found
    complete = _growth(pairs[:-1]) if len(pairs) > 2 else found
    return complete if complete.shown is Shown.FIRED else _unknown(f"the last sample was cut: {found.detail}")


def _from_time(samples: object, seconds: float, detail: str) -> Reading:
    """Fired or blocked by the one time that was taken."""
    pairs = _pairs(samples)
    if len(pairs) != 1 or pairs[0][1] > seconds + 1:
        return _unknown(f"samples {samples!r} within {seconds:.1f} s say nothing")
    taken = pairs[0][1]
    if taken >= ENDLESS:
        return Reading(shown=Shown.FIRED, detail=f"{taken:.2f} s of processor time; {detail}")
    if taken <= PROMPT:
        return Reading(shown=Shown.BLOCKED, detail=f"{taken:.2f} s of processor time; {detail}")
    return _unknown(f"{taken:.2f} s are neither done nor endless: {detail}")


def _growth(pairs: Sequence[tuple[float, float]]) -> Reading:
    longest = pairs[-1][1]
    step, whole = _exponents(pairs, _NOISE)
    text = f"exponent {step:.1f}; seconds by size {', '.join(f'{size:g}: {time:.3f}' for size, time in pairs)}"
    if longest >= FLOOR and step >= SUPER_LINEAR and whole >= SUPER_LINEAR:
        return Reading(shown=Shown.FIRED, detail=text)
    if longest <= QUICK or whole <= LINEAR:
        return Reading(shown=Shown.BLOCKED, detail=text)
    return _unknown(f"neither linear nor super-linear: {text}")


def _from_peaks(samples: object, cut: object) -> Reading:
    """Fired or blocked by how peak memory grows; a last sample that was cut is a lower bound and blocks nothing."""
    pairs = _pairs(samples)
    if len(pairs) < 2 or not isinstance(cut, bool):
        return _unknown(f"samples {samples!r}, cut {cut!r}: they say nothing")
    found = _appetite(pairs)
    if found.shown is Shown.FIRED or not cut:
        return found
    complete = _appetite(pairs[:-1]) if len(pairs) > 2 else found
    return complete if complete.shown is Shown.FIRED else _unknown(f"the last sample was cut: {found.detail}")


def _appetite(pairs: Sequence[tuple[float, float]]) -> Reading:
    step, whole = _exponents(pairs, LIGHT)
    sizes = ", ".join(f"{size:g}: {peak / (1 << 20):.1f}" for size, peak in pairs)
    text = f"exponents {step:.2f} and {whole:.2f}; MiB by size {sizes}"
    if pairs[-1][1] >= HEAVY and min(step, whole) >= FOLLOWS:
        return Reading(shown=Shown.FIRED, detail=text)
    if max(step, whole) <= BOUNDED:
        return Reading(shown=Shown.BLOCKED, detail=text)
    return _unknown(f"neither bounded nor growing with the input: {text}")


def _pairs(samples: object) -> Sequence[tuple[float, float]]:
    if not isinstance(samples, list):
        return ()
    good = [each for each in samples if isinstance(each, list) and len(each) == 2]
    pairs = [(float(size), float(taken)) for size, taken in good if _is_number(size) and _is_number(taken)]
    growing = all(one[0] < two[0] for one, two in pairwise(pairs))
    sound = len(pairs) == len(samples) and growing and all(size > 0 and taken >= 0 for size, taken in pairs)
    return pairs if sound else ()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _exponents(pairs: Sequence[tuple[float, float]], noise: float) -> tuple[float, float]:
    """The exponent of size over the last step, and over the whole series."""
    return _exponent(pairs[-2], pairs[-1], noise), _exponent(pairs[0], pairs[-1], noise)


def _exponent(before: tuple[float, float], after: tuple[float, float], noise: float) -> float:
    """Of a measure as a power of size; what lies below the noise counts as noise, or growth would look steep."""
    return math.log(max(after[1], noise) / max(before[1], noise)) / math.log(after[0] / before[0])
