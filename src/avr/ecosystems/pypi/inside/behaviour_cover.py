"""Runs a module or a script under coverage.py and writes down which of the given lines ran.

Used as `python behaviour_cover.py CONFIG module|script NAME [ARGUMENT...]`; runs on Python 2.7 and later. A line within
a longer statement counts as the statement's first one.
"""

import ast
import atexit
import io
import json
import os
import runpy
import sys


def heads(path):
    """The first line of the statement that each line belongs to, by line."""
    with io.open(path, "rb") as file:
        tree = ast.parse(file.read())
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            inner = getattr(node, "body", None)
            last = inner[0].lineno - 1 if inner else end_of(node)
            for line in range(node.lineno, max(node.lineno, last) + 1):
                found[line] = node.lineno if line not in found else max(found[line], node.lineno)
    return found


def end_of(node):
    """The last line of a statement, as far as this interpreter tells."""
    known = getattr(node, "end_lineno", None)
    return known or max([getattr(each, "lineno", node.lineno) for each in ast.walk(node)])


def measured(coverage, files):
    """For each file the given lines that can run, and those that did."""
    found = {}
    data = coverage.get_data()
    for path, lines in files.items():
        try:
            first, statements = heads(path), set(coverage.analysis2(path)[1])
        except Exception as error:
            sys.stderr.write("coverage of %s: %s\n" % (path, error))
            continue
        ran = set(data.lines(path) or ())
        can = [line for line in lines if first.get(line) in statements]
        found[path] = {"can": can, "ran": [line for line in can if first[line] in ran]}
    return found


def main():
    """Measure what the command line names."""
    with io.open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    sys.path.insert(0, config["tool"])
    import coverage

    sys.path.remove(config["tool"])
    measuring = coverage.Coverage(data_file=None, config_file=False, include=sorted(config["files"]))
    measuring.exclude("$^")

    def write():
        measuring.stop()
        found = {"tool": coverage.__version__, "files": measured(measuring, config["files"])}
        with io.open(config["report"], "wb") as out:
            out.write(json.dumps(found).encode("ascii"))

    how, name = sys.argv[2:4]
    sys.argv = [name] + sys.argv[4:]
    sys.path[0] = os.getcwd() if how == "module" else os.path.dirname(name)
    atexit.register(write)
    measuring.start()
    if how == "module":
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    main()
