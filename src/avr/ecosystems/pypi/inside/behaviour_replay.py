"""Makes recorded calls again and writes down how each ended, one line of JSON each.

Used as `python behaviour_replay.py CALLS REPORT SECONDS`; runs on Python 2.7 and later. `SECONDS` limits each call.
"""

import io
import json
import os
import random
import signal
import sys

from behaviour_values import (
    NotCarriedError,
    canonical,
    clipped,
    decode,
    find,
    first,
    is_iterator,
    scrubbed,
    type_name,
)

MUTABLE = "lpd"


class OutOfTimeError(BaseException):
    """A call is over its time."""


def interrupted(number, frame):
    """The alarm's handler."""
    raise OutOfTimeError


def outcome(call):
    """How one call ends: `r` returned, `e` raised, `u` could not be made, `h` took too long."""
    try:
        function = find(call["m"], call["p"])
    except NotCarriedError:
        return {"u": "gone"}
    except Exception as error:
        return {"u": "cannot be imported: " + type(error).__name__}
    try:
        positional = [decode(each) for each in call["a"]]
        named = {str(name): decode(each) for name, each in call["k"].items()}
    except Exception as error:
        return {"u": "cannot be carried: " + type(error).__name__}
    random.seed(0)
    try:
        result = function(*positional, **named)
        if is_iterator(result):
            result = first(result, 300)
        seen = canonical(result)
    except Exception as error:
        return {"e": [type_name(type(error)), clipped(scrubbed(text_of(error)))]}
    left = [canonical(value) for value, given in zip(positional, call["a"]) if list(given)[0] in MUTABLE]
    return {"r": seen, "m": left}


def text_of(error):
    """The error's message, whatever it is made of."""
    try:
        return str(error)
    except Exception:
        return "?"


def timed(call, seconds):
    """`outcome` within a number of seconds."""
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        return outcome(call)
    except OutOfTimeError:
        return {"h": 1}
    except (SystemExit, KeyboardInterrupt) as error:
        return {"e": [type_name(type(error)), ""]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def imported(modules):
    """Import what the calls are in, however long it takes: a module that an alarm ended would be left half made."""
    for name in modules:
        try:
            __import__(name)
        except (SystemExit, Exception):
            continue


def main():
    """Make all calls in their order."""
    calls, report, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with io.open(calls, encoding="utf-8") as file:
        known = json.load(file)
    sys.argv = ["replay"]
    sys.path[0] = os.getcwd()
    imported(sorted({call["m"] for call in known}))
    signal.signal(signal.SIGALRM, interrupted)
    with io.open(report, "wb") as out:
        for number, call in enumerate(known):
            try:
                found = json.dumps([number, timed(call, seconds)])
            except (OutOfTimeError, Exception) as error:
                found = json.dumps([number, {"u": "cannot be written: " + type(error).__name__}])
            out.write(found.encode("ascii") + b"\n")
            out.flush()


if __name__ == "__main__":
    main()
