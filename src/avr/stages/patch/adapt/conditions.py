"""What must hold for a patched file of the pin, whichever rung patched it; said in sentences, decided by the caller.

Like gate G1 only what is new counts. Looked at here is what the engine can see without knowing the package: its gates
know more, and cost more.
"""

from collections.abc import Iterator

from avr.model.source import SourceTree
from avr.stages.patch.adapt.available import problem
from avr.stages.patch.adapt.lower import lower
from avr.stages.patch.adapt.modules import module_file, own_module
from avr.stages.patch.adapt.needs import changed_statements, source_of
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.adapt.undefined import undefined
from avr.stages.patch.languages import language_of
from avr.stages.patch.text import Text


def problems(old: SourceTree, new: SourceTree, minimum: Runtime | None = None) -> tuple[str, ...]:
    """What the patch breaks: files that do not parse, undefined names, imports that cannot work, syntax too new."""
    found: list[str] = []
    for path in new.differing(old):
        if path in new and language_of(path) is not None:
            found += _of_file(old, new, path, minimum)
    return tuple(found)


def _of_file(old: SourceTree, new: SourceTree, path: str, minimum: Runtime | None) -> Iterator[str]:
    language = language_of(path)
    before, after = old.get(path), new.files[path]
    if language is None or (before is not None and not language.parses(before)):
        return
    if not language.parses(after):
        yield f"{path} does not parse"
    elif language.name == "Python":
        known = undefined(before) if before is not None else frozenset()
        names = (undefined(after) or frozenset()) - (known or frozenset())
        yield from (f"{path} uses the undefined name {name!r}" for name in sorted(names))
        yield from _imports(old, new, path, minimum)
        lowered = lower(Text.of(before or b""), Text.of(after), minimum)
        too_new = (*lowered.done, *lowered.left)
        version = ".".join(map(str, minimum)) if minimum else ""
        yield from (f"{path} has {each}, and Python {version} is supported" for each in too_new)


def _imports(old: SourceTree, new: SourceTree, path: str, minimum: Runtime | None) -> Iterator[str]:
    source = source_of(new, path)
    for statement in changed_statements(source_of(old, path), source) if source else ():
        for each in sorted(source.language.imports(statement), key=str) if source and not statement.level else ():
            module = each.module or each.name
            if module_file(new, path, module) is not None:
                continue
            name = each.name if each.module and each.name != "*" else None
            own = own_module(new, path, module)
            reason = "the pin has no such module" if own else problem(old, path, module, name, minimum)
            if reason:
                yield f"{path} imports {module}: {reason}"
