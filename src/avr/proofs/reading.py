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


def _growth(pairs: Sequence[tuple[float, float]]) -> Reading:
    (first, fastest), (before, shorter), (last, longest) = pairs[0], pairs[-2], pairs[-1]
    step, whole = _exponent(before, shorter, last, longest), _exponent(first, fastest, last, longest)
    text = f"exponent {step:.1f}; seconds by size {', '.join(f'{size:g}: {time:.3f}' for size, time in pairs)}"
    if longest >= FLOOR and step >= SUPER_LINEAR and whole >= SUPER_LINEAR:
        return Reading(shown=Shown.FIRED, detail=text)
    if longest <= QUICK or whole <= LINEAR:
        return Reading(shown=Shown.BLOCKED, detail=text)
    return _unknown(f"neither linear nor super-linear: {text}")


def _pairs(samples: object) -> Sequence[tuple[float, float]]:
    if not isinstance(samples, list):
        return ()
    good = [each for each in samples if isinstance(each, list) and len(each) == 2]
    pairs = [(float(size), float(time)) for size, time in good if _is_number(size) and _is_number(time)]
    growing = all(one[0] < two[0] for one, two in pairwise(pairs))
    sound = len(pairs) == len(samples) and growing and all(size > 0 and time >= 0 for size, time in pairs)
    return pairs if sound else ()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _exponent(size: float, time: float, larger: float, longer: float) -> float:
    """Of time as a power of size; times below the noise count as noise, so that they cannot make growth look steep."""
    return math.log(max(longer, _NOISE) / max(time, _NOISE)) / math.log(larger / size)
