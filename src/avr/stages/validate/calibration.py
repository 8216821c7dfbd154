"""Whether code of an advisory's text may judge a patch, by what it did on the pin and on the fixed release. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from avr.model.evidence import TestRun, TestStatus
from avr.model.exploit import Exploit, Signal
from avr.proofs.reading import ENDLESS, PROMPT

_SIGNS = (Signal.EXECUTED, Signal.READ, Signal.CRASHED, Signal.HUNG)
"""The signs that are looked for, the most telling first."""
_NO_ANSWER = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "UnboundLocalError",
    "TypeError", "SyntaxError", "IndentationError", "AssertionError", "KeyboardInterrupt", "RecursionError",
    "MemoryError", "FileNotFoundError", "ConnectionRefusedError"})  # fmt: skip
"""Errors that say that the code does not fit the release, or that something else is missing: no answer to an attack."""
_ENDED_OTHERWISE = ("cut", "stuck", "exit", "signal")
PREFIX = "inconclusive: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """How the code ended in one run: `ends` is `end`, `cut`, `stuck`, `exit`, `signal N` or the error's full name.

    `line` is the line of the code that was left last (0: unknown), `inside` the module that raised, `seconds` the
    processor time, `signs` what was seen from outside the code.
    """

    ends: str
    line: int
    inside: str
    seconds: float
    signs: frozenset[str]

    @property
    def place(self) -> str:
        """How it ended and where, as the program that ran it writes it."""
        return self.ends if self.ends == "end" or not self.line else f"{self.ends} at line {self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The sign that tells the two releases apart, and how the code ends where the hole is closed."""

    signal: Signal
    ends: str


def observation(run: TestRun) -> Observation | None:
    """What a run that was only to observe tells; None where it told nothing."""
    try:
        said = json.loads(run.problem.removeprefix(PREFIX))
        return Observation(
            ends=str(said["ends"]),
            line=int(said["line"]),
            inside=str(said["inside"]),
            seconds=float(said["seconds"]),
            signs=frozenset(str(each) for each in said["signs"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def settle(pin: Observation, fixed: Observation, packages: Sequence[str]) -> Settled | str:
    """The sign that shows on the pin and not on the fixed release, where the code comes to its end; else why not."""
    told = f"it ends by {pin.place} on the pin and by {fixed.place} on the fixed release"
    signal = next((each for each in _SIGNS if _shows(pin, each)), None)
    if signal is None:
        return f"nothing that can be seen from outside happens on the pin: {told}"
    if _shows(fixed, signal):
        return f"{signal.value} shows on the fixed release as well: {told}"
    if not _is_answer(fixed, packages):
        return f"the code does not come to its end on the fixed release: {told}"
    if fixed.ends != "end" and pin.line and fixed.line < pin.line and signal in (Signal.CRASHED, Signal.HUNG):
        return f"the fixed release ends it before the place where the pin fails: {told}"
    if fixed.ends != "end" and not fixed.line:
        return f"nothing shows where the fixed release ends it: {told}"
    if signal is Signal.HUNG and fixed.seconds > PROMPT:
        return f"it takes {pin.seconds:.1f} s on the pin and {fixed.seconds:.1f} s on the fixed release: too near"
    return Settled(signal=signal, ends=fixed.place)


def disagreement(exploit: Exploit, pin: Sequence[TestRun], fixed: Sequence[TestRun]) -> str:
    """Why the exploit may not judge; empty where every run fired on the pin and was blocked on the fixed release."""
    sides = ((pin, TestStatus.FAILED, "fire on the pin"), (fixed, TestStatus.PASSED, "be blocked on the fixed release"))
    for runs, wanted, words in sides:
        if len(runs) < 2 or any(run.results.get(exploit.name) is not wanted for run in runs):
            problem = next((run.problem for run in runs if run.problem), "")
            return f"it was not seen to {words} in every run{': ' if problem else ''}{problem}"
    return ""


def _shows(seen: Observation, signal: Signal) -> bool:
    if signal is not Signal.HUNG:
        return signal.value in seen.signs
    return seen.ends == "cut" or (seen.seconds >= ENDLESS and not _ended_otherwise(seen))


def _is_answer(seen: Observation, packages: Sequence[str]) -> bool:
    """Whether the code ran through, or was refused by an error that the package itself raised."""
    if seen.ends == "end":
        return True
    name = seen.ends.rpartition(".")[2]
    if _ended_otherwise(seen) or name in _NO_ANSWER:
        return False
    own = (seen.inside.partition(".")[0].lower(), seen.ends.partition(".")[0].lower())
    return bool(set(own) & set(packages))


def _ended_otherwise(seen: Observation) -> bool:
    return seen.ends.partition(" ")[0] in _ENDED_OTHERWISE
