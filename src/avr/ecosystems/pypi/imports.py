"""Imports of a tree's modules: what they name, whether the tree, the standard library or a dependency has it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from avr.ecosystems.pypi import declared
from avr.ecosystems.pypi.needs import parse, unguarded
from avr.model.source import SourceTree

_PYTHON_2 = frozenset(
    {
        "BaseHTTPServer",
        "CGIHTTPServer",
        "ConfigParser",
        "Cookie",
        "HTMLParser",
        "Queue",
        "SimpleHTTPServer",
        "SocketServer",
        "StringIO",
        "Tkinter",
        "UserDict",
        "UserList",
        "UserString",
        "__builtin__",
        "_winreg",
        "anydbm",
        "asynchat",
        "asyncore",
        "cPickle",
        "cStringIO",
        "commands",
        "compiler",
        "cookielib",
        "copy_reg",
        "dbhash",
        "distutils",
        "dumbdbm",
        "dummy_thread",
        "exceptions",
        "formatter",
        "gdbm",
        "htmlentitydefs",
        "htmllib",
        "httplib",
        "imp",
        "imputil",
        "itertools",
        "md5",
        "mimetools",
        "mimify",
        "multifile",
        "new",
        "pkg_resources",
        "popen2",
        "repr",
        "rfc822",
        "robotparser",
        "sets",
        "setuptools",
        "sgmllib",
        "sha",
        "smtpd",
        "sre",
        "statvfs",
        "thread",
        "urllib2",
        "urlparse",
        "user",
        "whichdb",
        "xmlrpclib",
    }
)
"""Modules of the standard library, or always beside it, that today's interpreter no longer has."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One imported thing: `name` is empty for `import module`; `module` is absolute, or has its leading dots."""

    module: str
    name: str = ""

    def __str__(self) -> str:
        """The import as it is written."""
        return f"from {self.module} import {self.name}" if self.name else f"import {self.module}"


class Modules:
    """The Python modules of a tree, by their dotted names."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        paths = [path for path in tree if path.endswith(".py")]
        packages = {str(PurePosixPath(path).parent) for path in paths if path.endswith("/__init__.py")}
        self._by_name = {name: path for path in paths for name in [_dotted(path, packages)]}
        self._names = {path: name for name, path in self._by_name.items()}
        self.tops = {name.split(".")[0] for name in self._by_name}

    def path(self, module: str) -> str | None:
        """The file of a module; None where the tree has none (a folder without `__init__.py` is a package too)."""
        return self._by_name.get(module)

    def name(self, path: str) -> str:
        """The dotted name of the module at `path`."""
        return self._names.get(path, "")

    def absolute(self, path: str, module: str) -> str:
        """The absolute name of a module that the file at `path` imports, leading dots resolved."""
        level = len(module) - len(module.lstrip("."))
        if not level:
            return module
        own = self.name(path).split(".")
        package = own if path.endswith("__init__.py") else own[:-1]
        kept = package[: len(package) - (level - 1)]
        return ".".join([*kept, *filter(None, [module.lstrip(".")])])

    def has(self, wanted: Import) -> bool:
        """Whether the tree has what an absolute import names; where that cannot be told, it has."""
        if wanted.name and self.path(f"{wanted.module}.{wanted.name}"):
            return True
        path = self.path(wanted.module)
        if path is None:
            return any(name.startswith(wanted.module + ".") for name in self._by_name)
        if not wanted.name or wanted.name == "*":
            return True
        known = bound(self.tree.files[path], path)
        return known is None or wanted.name in known


def imported(module: ast.Module) -> Iterator[Import]:
    """What a module imports, at any depth."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield from (Import(source, alias.name) for alias in node.names)


def required(data: bytes, path: str) -> set[Import]:
    """The imports of a file that must succeed; empty where the file cannot be read."""
    module = parse(data, path)
    return set(imported(unguarded(module))) if module else set()


def bound(data: bytes, path: str) -> set[str] | None:
    """Names that a module's top level binds; None where that cannot be told (`import *`, `__getattr__`, no parse)."""
    module = parse(data, path)
    if module is None:
        return None
    names: set[str] = set()
    for node in _top_level(module):
        names |= _binds(node)
    return None if names & {"*", "__getattr__"} or b"globals()" in data else names | {"__name__", "__doc__", "__file__"}


class Available:
    """What code of a tree may import: the tree itself, the standard library, declared and already used packages."""

    def __init__(self, tree: SourceTree) -> None:
        self.modules = Modules(tree)
        self._dependencies = declared.dependencies(tree)
        self._used: set[str] | None = None

    def problem(self, path: str, wanted: Import) -> str | None:
        """Why an import of the file at `path` cannot work, or None."""
        absolute = Import(self.modules.absolute(path, wanted.module), wanted.name)
        top = absolute.module.split(".")[0]
        if wanted.module.startswith(".") or top in self.modules.tops:
            return None if self.modules.has(absolute) else f"`{wanted}` finds nothing in the tree"
        if top in sys.stdlib_module_names or top in _PYTHON_2:
            return None
        if canonicalize_name(top) in self._dependencies or self._is_used(top):
            return None
        return f"`{wanted}` needs {top!r}, which is no declared dependency"

    def _is_used(self, package: str) -> bool:
        if self._used is None:
            self._used = _used_packages(self.modules.tree)
        return package in self._used


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests, by its name or folder."""
    parts = PurePosixPath(path).parts
    named = parts[-1].startswith("test_") or parts[-1].endswith("_test.py") or parts[-1] == "conftest.py"
    return named or any(part.startswith("test") for part in parts[:-1])


def _used_packages(tree: SourceTree) -> set[str]:
    found: set[str] = set()
    for path in tree:
        if path.endswith(".py") and "/" in path and not is_test(path):
            module = parse(tree.files[path], path)
            found |= {each.module.split(".")[0] for each in imported(module)} if module else set()
    return found - {""}


def _dotted(path: str, packages: set[str]) -> str:
    parts = list(PurePosixPath(path).with_suffix("").parts)
    start = len(parts) - 1
    while start and "/".join(parts[:start]) in packages:
        start -= 1
    return ".".join(parts[start:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts[start:])


def _top_level(module: ast.Module) -> Iterator[ast.AST]:
    """Statements that run in the module's own scope, inside `if`, `try`, `with` and loops too."""
    waiting: list[ast.AST] = list(module.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _binds(node: ast.AST) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).split(".")[0] for alias in names}
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.ExceptHandler(name=str(name)):
            return {name}
    return set()
