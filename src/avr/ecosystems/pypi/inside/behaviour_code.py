"""What a running function is: where its code lies, how it is found again, what a call gave it.

Used by the recorder and the witness; runs on Python 2.7 and later.
"""

import ast
import dis
import io
import os
import sys

from behaviour_values import encode, unwrapped

VARARGS, VARKEYWORDS, GENERATOR, ASYNC = 4, 8, 32, 128 | 512


def absolute(path, known={}):  # noqa: B006
    """The normalised path of a code's file."""
    if path not in known:
        known[path] = os.path.abspath(path)
    return known[path]


def extent(code):
    """First and last line of a function and the names that it uses, inner functions included."""
    lines = [code.co_firstlineno] + [line for _, line in dis.findlinestarts(code) if line]
    names = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, type(code)):
            _, end, more = extent(inner)
            lines.append(end)
            names |= more
    return code.co_firstlineno, max(lines), names


def changed_names(path, places):
    """Names that changed statements outside of functions give a value to."""
    try:
        with io.open(path, "rb") as file:
            tree = ast.parse(file.read())
    except Exception:
        return set()
    found = set()
    for statement, end in statements(tree.body, float("inf")):
        if any(statement.lineno <= place < end for place in places):
            found |= assigned(statement)
    return found


def statements(body, end):
    """Statements of a module and its classes with the line where the next one begins."""
    for index, each in enumerate(body):
        after = body[index + 1].lineno if index + 1 < len(body) else end
        if isinstance(each, ast.ClassDef):
            for pair in statements(each.body, after):
                yield pair
        elif not hasattr(each, "args"):
            yield each, after


def assigned(statement):
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def locate(frame):
    """Where the function of a frame can be found again by name, or None."""
    code, known = frame.f_code, frame.f_globals
    name, module = code.co_name, known.get("__name__", "")
    function = unwrapped(known.get(name), name)
    if function is not None and function.__code__ is code:
        return module, [name], function
    owners = []
    if code.co_argcount:
        given = frame.f_locals.get(code.co_varnames[0])
        owners = list((given if isinstance(given, type) else type(given)).__mro__)
    owners += [each for each in list(known.values()) if isinstance(each, type) and each.__module__ == module]
    for owner in owners:
        for attribute in (name, "_" + owner.__name__.lstrip("_") + name):
            function = unwrapped(owner.__dict__.get(attribute), name)
            if function is not None and function.__code__ is code:
                path = getattr(owner, "__qualname__", owner.__name__).split(".")
                return (owner.__module__, path + [attribute], function) if reachable(owner, path) else None
    return None


def reachable(owner, path):
    found = sys.modules.get(owner.__module__)
    for name in path:
        found = getattr(found, "__dict__", {}).get(name)
    return found is owner


def arguments(frame, function):
    """Positional and keyword arguments of a call; those left at their defaults stay left out."""
    code, given = frame.f_code, frame.f_locals
    names = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + getattr(code, "co_kwonlyargcount", 0)]
    place = code.co_argcount + len(keywords)
    rest = ()
    if code.co_flags & VARARGS:
        rest = given[code.co_varnames[place]]
        place += 1
    defaults = function.__defaults__ or ()
    start = len(names) - len(defaults)
    positional, named = [], {}
    for index, name in enumerate(names):
        if index < start or rest or index < getattr(code, "co_posonlyargcount", 0):
            positional.append(encode(given[name]))
        elif given[name] is not defaults[index - start]:
            named[name] = encode(given[name])
    positional += [encode(each) for each in rest]
    for name in keywords:
        if given[name] is not (function.__kwdefaults__ or {}).get(name, code):
            named[name] = encode(given[name])
    if code.co_flags & VARKEYWORDS:
        named.update((name, encode(each)) for name, each in given[code.co_varnames[place]].items())
    return positional, named
