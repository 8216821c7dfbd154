"""What a patch breaks that is seen without running anything: syntax, undeclared dependencies, built code left as is."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from avr.ecosystems.npm import copies, manifest, modules
from avr.model.source import SourceTree

_SCRIPTS = (".js", ".cjs", ".mjs", ".jsx")
_SOURCES = frozenset({".ts", ".tsx", ".mts", ".cts", ".jsx", ".coffee", ".ls", ".es6", ".jst", ".def", ".dot",
    ".pegjs", ".jison", ".yy", ".elm"})  # fmt: skip
"""What is turned into JavaScript before it is run."""
_SOURCE_FOLDERS = frozenset({"src", "source", "sources", "es", "esm", "es6", "modules"})
_NAMES = """assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns
    domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl
    stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib"""
_BUILT_IN = frozenset(_NAMES.split())
"""Node's own modules."""


def problems(before: SourceTree, after: SourceTree) -> tuple[str, ...]:
    """Sentences about what `after` breaks that `before` did not, and about shipped code that the patch passed over."""
    changed = [path for path in sorted(after) if path.endswith(_SCRIPTS) and before.get(path) != after.get(path)]
    return (
        *(
            f"{path} cannot be read as JavaScript any more"
            for path in changed
            if _worse(before.get(path), after.files[path])
        ),
        *_undeclared(before, after, changed),
        *_unreached(before, after),
        *(each.why for each in copies.stale(before, after)),
    )


def _worse(before: bytes | None, after: bytes) -> bool:
    return _errors(after) > (_errors(before) if before is not None else 0)


@lru_cache(maxsize=4096)
def _errors(source: bytes) -> int:
    """How many places tree-sitter's grammar cannot read."""
    import tree_sitter_javascript
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_javascript.language())).parse(source).root_node
    if not root.has_error:
        return 0
    waiting, count = [root], 0
    while waiting:
        node = waiting.pop()
        count += node.is_error or node.is_missing
        waiting += [each for each in node.children if each.has_error or each.is_missing]
    return count


def _undeclared(before: SourceTree, after: SourceTree, changed: list[str]) -> Iterator[str]:
    told = manifest.read(after)
    known = {told.name, *told.dependencies, *_BUILT_IN}
    for path in changed:
        new = modules.packages(after.files[path]) - modules.packages(before.get(path) or b"")
        yield from (f"{path} needs {each!r}, which the package does not depend on" for each in sorted(new - known))


def _unreached(before: SourceTree, after: SourceTree) -> Iterator[str]:
    """Where users of the package run something that is built from a changed file, and that is as it was."""
    changed = [path for path in sorted(after) if before.get(path) not in (None, after.files[path])]
    entries = [each for each in manifest.read(after).entries if not each.endswith(".json")]
    if not changed or not entries:
        return
    loaded = modules.reached(after, entries)
    sources = [path for path in changed if PurePosixPath(path).suffix in _SOURCES]
    if sources:
        yield f"node does not load {sources[0]} as it is, and what is built from it ({entries[0]}?) was not built anew"
    if loaded.isdisjoint(changed):
        yield (
            f"nothing that the package offers to load ({entries[0]}) loads {changed[0]}: it may be built from it and "
            "was not built anew"
        )
    for path in changed:
        built = _built_from(path, loaded - set(changed)) if path not in loaded else None
        if built is not None:
            yield f"{built} looks like the build of {path}, and was not built anew"


def _built_from(path: str, loaded: Iterable[str]) -> str | None:
    """A loaded file of the same name in another folder, where the changed one lies in a folder of sources."""
    pure = PurePosixPath(path)
    if not _SOURCE_FOLDERS & set(pure.parts[:-1]):
        return None
    return next((each for each in sorted(loaded) if PurePosixPath(each).stem == pure.stem), None)
