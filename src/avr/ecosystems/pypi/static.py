"""What a patch breaks that can be seen without running anything; cheap, and right far more often than a clean merge.

Only what is new counts: a file that was wrong before the patch is not held against it. Python 2 code that today's
grammar cannot read is not judged; `unjudged` names such files.
"""

import re
from collections.abc import Iterator

from avr.ecosystems.pypi import declared
from avr.ecosystems.pypi.imports import Available, Import, Modules, bound, imported, is_test, required
from avr.ecosystems.pypi.needs import Needs, Runtime, needs, parse, syntax_error
from avr.model.source import SourceTree
from avr.tools.python_names import undefined_names

_PYTHON_2_NAMES = frozenset(
    {
        "apply",
        "basestring",
        "buffer",
        "cmp",
        "coerce",
        "execfile",
        "file",
        "intern",
        "long",
        "raw_input",
        "reduce",
        "reload",
        "unichr",
        "unicode",
        "xrange",
    }
)

_ASKED = re.compile(r"requires? (!2|\d\.\d+), (!3|\d\.\d+)")


def minimum_runtime(tree: SourceTree) -> Runtime | None:
    """The lowest Python version that the tree declares to support, such as (3, 6); None where undeclared."""
    return declared.lowest_runtime(tree)


def static_problems(before: SourceTree, after: SourceTree) -> tuple[str, ...]:
    """Sentences on what `after` breaks that `before` did not.

    Looked for are syntax and library beyond the supported Python versions, undefined names, imports that cannot work,
    and names that the patch removes while other modules still import them.
    """
    changed = [path for path in _changed(before, after) if path.endswith(".py")]
    if not changed:
        return ()
    supported = declared.runtimes(before)
    found: list[str] = []
    for path in changed:
        if path in after:
            found += _too_new(path, before, after, supported)
            found += _undefined(path, before, after, supported)
    found += _bad_imports(changed, before, after)
    found += _dropped(changed, before, after)
    return tuple(dict.fromkeys(found))


def unjudged(before: SourceTree, after: SourceTree) -> tuple[str, ...]:
    """Changed Python files that today's grammar cannot read, before the patch or after it."""
    changed = [path for path in _changed(before, after) if path.endswith(".py") and path in after]
    return tuple(path for path in changed if path in before and parse(before.files[path], path) is None)


def _changed(before: SourceTree, after: SourceTree) -> list[str]:
    return sorted(path for path in before.files.keys() | after.files.keys() if before.get(path) != after.get(path))


def _too_new(path: str, before: SourceTree, after: SourceTree, supported: tuple[Runtime, ...]) -> Iterator[str]:
    old, data = before.get(path), after.files[path]
    if old is not None and parse(old, path) is None:
        return
    now = needs(data, path)
    if now is None:
        yield f"{path} is not valid Python any more: {syntax_error(data, (3, 99)) or 'it cannot be read'}"
        return
    was = (needs(old, path) if old is not None else None) or Needs(two=(0, 0), three=(0, 0))
    for major, need, previous in ((2, now.two, was.two), (3, now.three, was.three)):
        lowest = min((each for each in supported if each[0] == major), default=None)
        if lowest is None or previous is None or (need is not None and need <= max(lowest, previous)):
            continue
        if major == 2 and lowest == (2, 6) and need == (2, 7):
            continue
        reasons = _reasons(now, was, major, lowest)
        wanted = f"needs Python {need[0]}.{need[1]}" if need else f"cannot run on Python {major}"
        yield f"{path} {wanted} now, but {lowest[0]}.{lowest[1]} is supported{_because(reasons)}"


def _reasons(now: Needs, was: Needs, major: int, lowest: Runtime) -> list[str]:
    """Vermin's lines, such as `L3: f-strings require !2, 3.6`, that speak of more than `lowest` and are new."""
    known = {each.partition(":")[2] for each in was.reasons}
    found = []
    for each in now.reasons:
        asked = _ASKED.search(each)
        version = asked[major - 1] if asked else ""
        above = version.startswith("!") or (version and tuple(int(part) for part in version.split(".")) > lowest)
        if above and each.partition(":")[2] not in known:
            found.append(each)
    return found


def _because(reasons: list[str]) -> str:
    told = "; ".join(reason.strip() for reason in reasons[:3])
    return f" ({told})" if told else ""


def _undefined(path: str, before: SourceTree, after: SourceTree, supported: tuple[Runtime, ...]) -> Iterator[str]:
    old = before.get(path)
    if old is not None and parse(old, path) is None:
        return
    known = _undefined_names(old, path) if old is not None else {}
    for name, line in _undefined_names(after.files[path], path).items():
        two = any(each[0] == 2 for each in supported)
        if name not in known and not (two and name in _PYTHON_2_NAMES):
            yield f"{path} uses the undefined name {name!r} (line {line})"


def _undefined_names(data: bytes, path: str) -> dict[str, int]:
    module = parse(data, path)
    return {} if module is None else undefined_names(module, path)


def _bad_imports(changed: list[str], before: SourceTree, after: SourceTree) -> Iterator[str]:
    new = {path: _new_imports(path, before, after) for path in changed if path in after and not is_test(path)}
    if not any(new.values()):
        return
    earlier, now = Available(before), Modules(after)
    for path, wanted in new.items():
        for each in sorted(wanted):
            absolute = Import(now.absolute(path, each.module), each.name)
            problem = None if now.has(absolute) else earlier.problem(path, each)
            if problem:
                yield f"{path}: {problem}"


def _new_imports(path: str, before: SourceTree, after: SourceTree) -> set[Import]:
    old = before.get(path)
    module = parse(old, path) if old is not None else None
    return required(after.files[path], path) - (set(imported(module)) if module else set())


def _dropped(changed: list[str], before: SourceTree, after: SourceTree) -> Iterator[str]:
    modules = Modules(before)
    gone = {modules.name(path): names for path in changed if (names := _gone(path, before, after))}
    if not gone:
        return
    remaining = Modules(after)
    for path in after:
        if path.endswith(".py") and not is_test(path) and _mentions(after.files[path], gone):
            for each in sorted(required(after.files[path], path)):
                module = remaining.absolute(path, each.module)
                if each.name in gone.get(module, ()) and not remaining.has(Import(module, each.name)):
                    yield f"{path} still imports {each.name!r} from {module}, which the patch removes"


def _gone(path: str, before: SourceTree, after: SourceTree) -> set[str]:
    """Top-level names that the patched module no longer has."""
    old, new = before.get(path), after.get(path)
    if old is None:
        return set()
    names, left = bound(old, path), bound(new, path) if new is not None else set()
    return set() if names is None or left is None else names - left


def _mentions(data: bytes, gone: dict[str, set[str]]) -> bool:
    return any(name.encode() in data for names in gone.values() for name in names)
