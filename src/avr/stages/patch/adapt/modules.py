"""Which file of a tree a module is: by dotted names in Python, by relative paths in JavaScript."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from avr.model.source import SourceTree

_ROOTS = ("", "src/", "lib/", "python/")
_SCRIPTS = ("", ".js", ".mjs", ".cjs", ".ts", "/index.js", "/index.ts")


def module_file(tree: SourceTree, path: str, module: str) -> str | None:
    """The file in `tree` of a module as the file at `path` names it; None where the tree has none."""
    if path.endswith((".py", ".pyi")):
        return _first(tree, _python(path, module))
    if module.startswith("."):
        base = PurePosixPath(path).parent
        joined = _joined(base, module)
        return _first(tree, [joined + end for end in _SCRIPTS]) if joined else None
    return None


def own_module(tree: SourceTree, path: str, module: str) -> bool:
    """Whether a module's name says that it belongs to the tree, there or not."""
    if module.startswith("."):
        return True
    top = module.split(".")[0]
    roots = {*_ROOTS, *(f"{each}/" for each in _parents(path))}
    return any(f"{root}{top}/__init__.py" in tree or f"{root}{top}.py" in tree for root in roots)


def counterpart(tree: SourceTree, path: str, found: Mapping[str, str]) -> str:
    """Where upstream's `path` is, or would be, in the pin: as its siblings went, by `found`."""
    if path in tree or not found:
        return path
    for old, new in sorted(found.items(), key=lambda each: -_shared(each[0], path)):
        shorter = min(len(old), len(new))
        common = next((n for n in range(shorter) if old[-1 - n] != new[-1 - n]), shorter)
        head_old, head_new = old[: len(old) - common], new[: len(new) - common]
        if path.startswith(head_old):
            return head_new + path[len(head_old) :]
    return path


def _python(path: str, module: str) -> list[str]:
    dots = len(module) - len(module.lstrip("."))
    parts = module.lstrip(".").replace(".", "/")
    if dots:
        here = PurePosixPath(path).parent
        for _ in range(dots - 1):
            here = here.parent
        bases = [f"{here}/" if str(here) != "." else ""]
    else:
        bases = [*_ROOTS, *(f"{each}/" for each in _parents(path))]
    files: list[str] = []
    for base in bases:
        stem = f"{base}{parts}".rstrip("/")
        files += [f"{stem}.py", f"{stem}/__init__.py"] if parts else [f"{stem}/__init__.py"]
    return files


def _parents(path: str) -> list[str]:
    return [str(each) for each in PurePosixPath(path).parents if str(each) != "."]


def _first(tree: SourceTree, paths: list[str]) -> str | None:
    return next((each for each in paths if each in tree), None)


def _joined(base: PurePosixPath, module: str) -> str | None:
    parts = [each for each in base.parts if each != "."]
    for each in module.split("/"):
        if each == ".." and not parts:
            return None
        parts = parts[:-1] if each == ".." else parts if each in {".", ""} else [*parts, each]
    return "/".join(parts)


def _shared(one: str, two: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
