"""Placed lines that speak upstream's dialect where the pin speaks another: names, and the modules that names come from.

Asked only where a placed line cannot work as it is: a name that is undefined in the pin, an import of a module that the
pin does not have. The pin's own words decide: a replacement counts only if the file, or the tree, uses it already.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath

from avr.model.source import SourceTree
from avr.stages.patch.adapt.available import problem
from avr.stages.patch.adapt.learned import learn
from avr.stages.patch.adapt.modules import module_file, own_module
from avr.stages.patch.adapt.needs import Need, View, changed_statements, source_of
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.adapt.translate import translated
from avr.stages.patch.adapt.words import Kind, bare_names, bindings
from avr.stages.patch.imports import imports_of
from avr.stages.patch.languages.interface import Import, Source, Statement
from avr.stages.patch.text import Replacement, Text

NAMES: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("six", ".", "string_types"): ("basestring", "string_types"),
    ("six", ".", "text_type"): ("unicode", "text_type"),
    ("six", ".", "binary_type"): ("binary_type",),
    ("string_types",): ("basestring",),
    ("text_type",): ("unicode",),
    ("basestring",): ("six.string_types", "string_types"),
    ("unicode",): ("six.text_type", "text_type"),
}
"""What is written otherwise where Python 2 is spoken, best first; only what the pin's file says already is taken."""

MODULES: Mapping[str, tuple[str, ...]] = {
    "urllib.parse": ("six.moves.urllib.parse", "django.utils.six.moves.urllib.parse"),
    "six.moves.urllib.parse": ("urllib.parse", "django.utils.six.moves.urllib.parse"),
    "unittest.mock": ("mock",),
    "mock": ("unittest.mock",),
    "collections.abc": ("collections",),
    "http.client": ("six.moves.http_client", "httplib"),
    "typing_extensions": ("typing",),
}
"""Modules with the same names in them; one is taken only where the pin imports it already."""

_MOST = 400
"""Files that are read to find where the pin has a name that upstream has in another module."""


def in_dialect(view: View, old: Source, new: Text, needs: Iterable[Need], minimum: Runtime | None) -> Text:
    """The patched file, `old` before, with its new lines in the pin's dialect; itself where no need asks for that."""
    statements = changed_statements(old, view.new)
    missing = {need.name for need in needs if need.target == view.target and not need.scope}
    among = {line for each in statements for line in range(each.first, each.last)}
    words = dict(known(missing, old))
    if missing:
        words |= {each: name for each, name in learn(view.theirs, old).items() if each[0] in missing}
    spoken = translated(new, view.language, words, among)
    if view.language.name != "Python":
        return spoken
    return _with_modules(view, spoken, statements, minimum)


def known(missing: AbstractSet[str], ours: Source) -> Iterator[tuple[tuple[str, ...], str]]:
    """What ours says, by the table, for names that it misses."""
    if not any(words[0] in missing for words in NAMES):
        return
    used = bare_names(ours.statements, ours)
    for words, options in NAMES.items():
        chosen = next((each for each in options if each.split(".")[0] in used), None)
        if words[0] in missing and chosen:
            yield words, chosen


def _with_modules(view: View, text: Text, statements: list[Statement], minimum: Runtime | None) -> Text:
    """Imports of modules that the pin does not have, made of those where it has the names."""
    lines = list(text.lines)
    twice: list[Replacement] = []
    assert view.old is not None, "a new file has no dialect of its own"
    had = imports_of(view.old)
    for statement in statements:
        wanted = [each for each in view.language.imports(statement) if each.module is not None]
        modules = {each.module for each in wanted}
        if len(modules) != 1 or not wanted:
            continue
        module = wanted[0].module
        assert module is not None, "asked for above"
        other = None if _works(view, module, minimum) else _elsewhere(view, module, wanted)
        if other and all(Import(module=other, name=each.name, alias=each.alias) in had for each in wanted):
            twice.append(Replacement(start=statement.first, end=statement.last, lines=()))
        elif other:
            line = lines[statement.first]
            lines[statement.first] = re.sub(rf"from\s+{re.escape(module)}(?=\s)", f"from {other}", line, count=1)
    return Text(lines=tuple(lines), ends=text.ends, bom=text.bom).replacing(twice)


def _works(view: View, module: str, minimum: Runtime | None) -> bool:
    if module_file(view.pin, view.target, module) is not None:
        return True
    return not own_module(view.pin, view.target, module) and not problem(
        view.pin, view.target, module, None, minimum or (3, 99)
    )


def _elsewhere(view: View, module: str, wanted: list[Import]) -> str | None:
    """Another module of which the pin has the same names: a known one in use, or the only one of the tree."""
    assert view.old is not None, "a new file has no dialect of its own"
    own = {each.module for one in view.old.statements for each in view.language.imports(one)}
    for other in MODULES.get(module, ()):
        if other in own or module_file(view.pin, view.target, other):
            return other
    if module.startswith(".") or not own_module(view.pin, view.target, module):
        return None
    homes = [_homes(view, module, each.name) for each in wanted]
    common = set.intersection(*(set(each) for each in homes)) if homes else set()
    return next(iter(common)) if len(common) == 1 else None


def _homes(view: View, module: str, name: str) -> list[str]:
    """The dotted modules of the pin that define a name, those with the file name of upstream's module before others."""
    wanted = rf"^(?:async def|def|class)\s+{re.escape(name)}\b|^{re.escape(name)}\s*[:=]"
    pattern = re.compile(wanted.encode(), re.MULTILINE)
    top = module.split(".")[0]
    paths = [each for each in view.pin if each.endswith(".py") and top in PurePosixPath(each).parts[:2]]
    named = [each for each in paths if PurePosixPath(each).stem == module.rsplit(".", 1)[-1]]
    found = [each for each in named if _defines(view.pin, each, pattern, name)]
    if not found and len(paths) <= _MOST:
        found = [each for each in paths if _defines(view.pin, each, pattern, name)]
    return [_dotted(each, top) for each in found]


def _defines(tree: SourceTree, path: str, pattern: re.Pattern[bytes], name: str) -> bool:
    if not pattern.search(tree.files[path]):
        return False
    source: Source | None = source_of(tree, path)
    bound = bindings(source).get(name) if source else None
    return bound is not None and bound.kind in {Kind.DEFINITION, Kind.CONSTANT}


def _dotted(path: str, top: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    kept = parts[parts.index(top) :]
    return ".".join(kept[:-1] if kept[-1] == "__init__" else kept)
