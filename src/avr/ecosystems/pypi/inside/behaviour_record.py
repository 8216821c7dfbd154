"""Runs pytest and records calls of changed functions, and of the package's functions by which tests get to them.

Used as `python behaviour_record.py CONFIG [PYTEST ARGUMENT...]`; runs on Python 2.7 and later. A call is written down
when it begins, one line of JSON each, so that whatever ends the run leaves what was seen. Only calls are traced.
"""

import io
import json
import os
import pickletools
import runpy
import sys
import threading
import time

from behaviour_code import ASYNC, absolute, arguments, changed_names, extent, locate
from behaviour_values import TEXT, NotCarriedError, unwrapped

OUTSIDE, INSIDE, CHANGED = 0, 1, 2
FRUITLESS = 150
"""After so many calls that reached nothing changed a function is no longer looked at."""
MOST_HITS = 60
UP = 150
OVER = "the time was over before the whole suite was seen"


class Recorder(object):
    """Traces calls; `files` maps changed files to the places of their changes, as lines from 1, halves between two."""

    def __init__(self, config):
        self.files = config["files"]
        self.package = tuple(config["package"])
        self.tests = tuple(config["tests"])
        self.most, self.each = config["most"], config["each"]
        self.room = config["bytes"]
        self.until = time.time() + config["seconds"]
        self.out = io.open(config["report"], "w", encoding="ascii")
        self.names = {path: changed_names(path, places) for path, places in self.files.items()}
        self.kinds, self.pending, self.functions = {}, {}, {}
        self.tries, self.kept, self.seen, self.told = {}, {}, {}, set()
        self.total = self.hits = 0

    def trace(self, frame, event, arg):
        """Called for every new frame; lines within are not asked for."""
        if event != "call":
            return None
        kind = self.kind(frame.f_code)
        if kind is OUTSIDE:
            return None
        back = frame.f_back
        entered = back is None or self.kind(back.f_code) is OUTSIDE
        if entered or kind is CHANGED:
            self.look(frame, kind, entered)
        return None

    def look(self, frame, kind, entered):
        """Keep what a call was given; write it down where it is, or leads to, a changed function."""
        if time.time() > self.until:
            self.line({"lost": "", "why": OVER})
            self.end()
        code, call = frame.f_code, None
        wanted = self.kept.get(id(code), 0) < self.each
        if wanted and (kind is CHANGED or self.tries.get(id(code), 0) < FRUITLESS):
            self.tries[id(code)] = self.tries.get(id(code), 0) + 1
            call = self.snapshot(frame)
        if kind is CHANGED:
            path = absolute(code.co_filename)
            self.hit()
            if call is not None:
                self.write(id(code), call, path)
            if not entered:
                self.write_entry(frame.f_back, path)
        elif call is not None:
            self.pending[id(frame)] = (id(code), call)
        else:
            self.pending.pop(id(frame), None)

    def write_entry(self, frame, path):
        """The call by which the test came into the package."""
        for _ in range(UP):
            if frame is None or self.kind(frame.f_code) is OUTSIDE:
                return
            back = frame.f_back
            if back is None or self.kind(back.f_code) is OUTSIDE:
                known = self.pending.pop(id(frame), None)
                if known is not None and known[0] == id(frame.f_code):
                    self.tries[known[0]] = 0
                    self.write(known[0], known[1], path)
                return
            frame = back

    def kind(self, code):
        """Whether code belongs to the package, and to what changed."""
        known = self.kinds.get(id(code))
        if known is None:
            known = self.kinds[id(code)] = (code, self.classify(code))  # holding the code keeps its id its own
        return known[1]

    def classify(self, code):
        path = absolute(code.co_filename)
        if not path.startswith(self.package) or path.startswith(self.tests):
            return OUTSIDE
        if path not in self.files or not code.co_flags & 1 or code.co_name.startswith("<"):
            return INSIDE
        start, end, names = extent(code)
        touched = any(start <= place <= end + 0.5 for place in self.files[path])
        return CHANGED if touched or not names.isdisjoint(self.names[path]) else INSIDE

    def snapshot(self, frame):
        """The call as JSON, or None where it cannot be carried; why a changed one cannot is written down once."""
        code = frame.f_code
        try:
            if code.co_flags & ASYNC:
                raise NotCarriedError("asynchronous")
            module, path, function = self.function(frame)
            call = {"m": module, "p": path}
            call["a"], call["k"] = arguments(frame, function)
            for value in list(call["a"]) + list(call["k"].values()):
                self.check_state(value)
            return call
        except NotCarriedError as error:
            why = str(error)
        except Exception as error:
            why = "cannot be recorded: " + type(error).__name__
        if self.kind(code) is CHANGED:
            self.lose(code, why)
        return None

    def function(self, frame):
        """Module, path of names and plain function of a frame's code."""
        key = id(frame.f_code)
        if key not in self.functions:
            self.functions[key] = locate(frame)
        if self.functions[key] is None:
            raise NotCarriedError("defined inside another function")
        return self.functions[key]

    def check_state(self, value):
        """Refuse objects whose making is what changed: the patched code would have made them otherwise."""
        if list(value) != ["p"]:
            return
        import base64

        for opcode, argument, _ in pickletools.genops(base64.b64decode(value["p"])):
            if opcode.name == "GLOBAL":
                module, _, name = argument.partition(" ")
                made = getattr(sys.modules.get(module), name, None)
                for owner in getattr(made, "__mro__", ()):
                    for maker in ("__init__", "__new__", "__setstate__"):
                        function = unwrapped(owner.__dict__.get(maker), maker)
                        if function is not None and self.kind(function.__code__) is CHANGED:
                            raise NotCarriedError("given an object that changed code makes")

    def hit(self):
        """Tell the test that is running: it gets to changed code."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        if test and ("hit", test) not in self.told and self.hits < MOST_HITS:
            self.hits += 1
            self.told.add(("hit", test))
            self.line({"hit": test})

    def write(self, key, call, path):
        text = json.dumps(call, sort_keys=True)
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        number = self.seen.get(text)
        if number is None:
            number = self.seen[text] = self.total
            self.total += 1
            self.kept[key] = self.kept.get(key, 0) + 1
            self.line(dict(call, n=number, r=path, t=test))
        else:
            again = (number, test)
            if again not in self.told and len(self.told) < 20000:
                self.told.add(again)
                self.line({"n": number, "r": path, "t": test})
        if self.total >= self.most:
            self.end()

    def lose(self, code, why):
        if (id(code), why) not in self.told:
            self.told.add((id(code), why))
            self.line({"lost": code.co_name, "why": why[:200]})

    def line(self, value):
        text = json.dumps(value) + "\n"
        self.room -= len(text)
        if self.room < 0:
            self.end()
        self.out.write(text if isinstance(text, TEXT) else text.decode("ascii"))
        self.out.flush()

    def end(self):
        """Enough was seen, or the time is over: nobody waits for the rest of the suite."""
        self.out.flush()
        os._exit(0)


def main(made=Recorder):
    """Trace pytest."""
    with io.open(sys.argv[1], encoding="utf-8") as file:
        recorder = made(json.load(file))
    sys.argv = ["pytest"] + sys.argv[2:]
    sys.path[0] = os.getcwd()
    threading.settrace(recorder.trace)
    sys.settrace(recorder.trace)
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
