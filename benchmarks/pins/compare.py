"""Compares each `fixed` pin of a run with the maintainers' own fixed release of the same line, where there is one.

For every definition that our patch changed, the syntax tree in our file and in the maintainers' file are compared. The
release may hold other work, so definitions that we did not touch do not count. The answer is only read here, after the
program has ended; nothing of it is within the program's reach.
"""

import argparse
import ast
import json
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from avr.config import load
from avr.ecosystems.pypi import index_config, source
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.tools.archives import unpack


def definitions(data: bytes | None) -> dict[str, str]:
    """Dumped syntax trees of every function, and of each class and module without its functions, by dotted name."""
    found: dict[str, str] = {}
    tree = ast.parse(data or b"")
    for name, node in _walk(tree, ""):
        found[name] = ast.dump(node)
    return found


def _walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    rest: list[ast.stmt] = []
    for child in getattr(node, "body", []):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", _without_docstring(child)
        elif isinstance(child, ast.ClassDef):
            yield from _walk(child, f"{prefix}{child.name}.")
        else:
            rest.append(child)
    yield f"{prefix}<body>", ast.Module(body=rest, type_ignores=[])


def _without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
    if ast.get_docstring(node) is not None and len(node.body) > 1:
        node.body = node.body[1:]
    return node


def own_line_fix(pin: Version, fixed: list[str]) -> str | None:
    """The first fixed release of the pin's own minor line, from the advisory's `fixed_in` list."""
    same = [each for each in fixed if Version(each).release[:2] == pin.release[:2] and Version(each) > pin]
    return min(same, key=Version, default=None)


def compare(ours: SourceTree, pinned: SourceTree, theirs: SourceTree) -> list[str]:
    """Differences, one line per definition that we changed and that the maintainers have otherwise."""
    lines = []
    for path in sorted(ours.files):
        if not path.endswith(".py") or ours.get(path) == pinned.get(path):
            continue
        try:
            before, mine, other = (definitions(tree.get(path)) for tree in (pinned, ours, theirs))
        except SyntaxError:
            lines.append(f"{path}: not today's Python; compare by eye")
            continue
        changed = [name for name in mine if mine[name] != before.get(name)]
        lines += [f"{path}: {name}" for name in changed if mine[name] != other.get(name)]
    return lines


def main() -> None:
    """Print one row per fixed pin that has a maintainers' release to compare with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/bench/pins"))
    work = parser.parse_args().work
    registry = PyPIRegistry(load().cache, index_config.load())
    print("| pin | advisory | mode | maintainers' release | definitions that differ |\n| --- | --- | --- | --- | --- |")
    for row in map(json.loads, (work / "rows.jsonl").read_text().splitlines()):
        if row["state"] != "fixed":
            continue
        report = json.loads((Path(row["output"]) / "report.json").read_text())["item"]
        finding = report["components"][0]["findings"][0]["finding"]
        fixed = own_line_fix(Version(row["version"]), finding["fixed_in"])
        if fixed is None:
            continue
        differences = compare(
            _ours(Path(row["output"])),
            _tree(registry, row["package"], row["version"]),
            _tree(registry, row["package"], fixed),
        )
        shown = "; ".join(differences) or "none"
        print(f"| {row['package']} {row['version']} | {row['advisory']} | {row['mode']} | {fixed} | {shown} |")


def _tree(registry: PyPIRegistry, name: str, version: str) -> SourceTree:
    return source.pin(Component(ecosystem=EcosystemName.PYPI, name=name, version=version), registry).tree


def _ours(output: Path) -> SourceTree:
    source_archive = next(output.rglob("*+avr.*.tar.gz"), None)
    if source_archive is not None:
        return unpack(source_archive, strip_top=True)
    return unpack(next(output.rglob("*+avr.*.whl")))


if __name__ == "__main__":
    main()
