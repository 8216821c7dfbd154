"""Runs pytest and writes down how each call of a changed function ends, right where the tests make it.

Used as `python behaviour_inplace.py CONFIG [PYTEST ARGUMENT...]`, for calls that cannot be carried elsewhere; runs on
Python 2.7 and later. Nothing of what passes by is touched: no `repr`, no iterator is read.
"""

import os
import time

from behaviour_code import ASYNC, GENERATOR
from behaviour_record import CHANGED, Recorder, main
from behaviour_values import canonical, clipped, scrubbed, type_name

NODES = 300


class Witness(Recorder):
    """Follows changed functions to their end."""

    def __init__(self, config):
        Recorder.__init__(self, config)
        self.counts = {}

    def trace(self, frame, event, arg):
        """A tracer for the lines of a changed function, to see it return or raise."""
        if event != "call":
            return None
        code = frame.f_code
        if self.kind(code) is not CHANGED or code.co_flags & (GENERATOR | ASYNC):
            return None
        if time.time() > self.until or self.total >= self.most:
            self.end()
        try:
            return self.follow(frame)
        except Exception as error:
            self.lose(code, "cannot be seen: " + type(error).__name__)
            return None

    def follow(self, frame):
        code = frame.f_code
        found = self.located(frame)
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        key = (test, tuple(found))
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] > self.each:
            return None
        self.total += 1
        taken = code.co_argcount + getattr(code, "co_kwonlyargcount", 0)
        taken += bool(code.co_flags & 4) + bool(code.co_flags & 8)
        given = frame.f_locals
        left = [NODES]
        seen = [canonical(given[name], left, 0, False) for name in code.co_varnames[:taken] if name in given]
        line = {"f": found, "t": test, "i": self.counts[key], "a": seen, "r": self.path(code)}
        return self.tracer(line)

    def located(self, frame):
        try:
            module, path, _ = self.function(frame)
            return [module] + list(path)
        except Exception:
            return [frame.f_globals.get("__name__", ""), "_" + frame.f_code.co_name]

    def path(self, code):
        return os.path.abspath(code.co_filename)

    def tracer(self, line):
        """Keeps the last exception of a frame, which is what it raises where the next thing is its end."""
        last = []

        def local(frame, event, arg):
            if event == "exception":
                last[:] = [arg]
            elif event == "line":
                del last[:]
            elif event == "return":
                try:
                    self.line(dict(line, o=self.ended(last, arg)))
                except Exception as error:
                    self.lose(frame.f_code, "cannot be written: " + type(error).__name__)
            return local

        return local

    def ended(self, last, value):
        if last and value is None:
            kind, error = last[0][:2]
            return {"e": [type_name(kind), clipped(scrubbed(str(error)))]}
        return {"r": canonical(value, [NODES], 0, False)}


if __name__ == "__main__":
    main(Witness)
