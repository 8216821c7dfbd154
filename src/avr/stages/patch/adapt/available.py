"""Whether the pin may import a module from outside: its oldest runtime has it, or the pin imports it already."""

import re
from pathlib import PurePosixPath

from avr.model.source import SourceTree
from avr.stages.patch.adapt.runtimes import Runtime, standard

_SCRIPT = r"""(?:require\(|from|import)\s*\(?['"]{module}['"]"""
_PYTHON = r"^[ \t]*(?:import|from)[ \t]+{module}\b"
_CORE = frozenset(
    {
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "timers",
        "tls",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "worker_threads",
        "zlib",
    }
)
"""The modules of Node."""


def problem(tree: SourceTree, path: str, module: str, name: str | None, minimum: Runtime | None) -> str:
    """Why the file at `path` cannot import a module from outside the tree; empty where it can."""
    if path.endswith((".py", ".pyi")):
        top = module.split(".")[0]
        if standard(module, name, minimum):
            return ""
        if _used(tree, path, _PYTHON.format(module=re.escape(top)), ".py") and not standard(top, None, None):
            return ""
        if standard(module, name, None):
            return f"{module!r} came with a Python newer than {minimum[0]}.{minimum[1]}" if minimum else ""
        return f"{module!r} would be a new dependency"
    if module.removeprefix("node:") in _CORE and not module.startswith("node:"):
        return ""
    suffix = PurePosixPath(path).suffix
    return "" if _used(tree, path, _SCRIPT.format(module=re.escape(module)), suffix) else f"{module!r} is not in use"


def _used(tree: SourceTree, path: str, pattern: str, suffix: str) -> bool:
    """Whether code of the tree imports it already: this file first, then its folder, then all others."""
    wanted = re.compile(pattern.encode(), re.MULTILINE)
    folder = str(PurePosixPath(path).parent)
    near = (path, *(each for each in tree if (each.rpartition("/")[0] or ".") == folder))
    far = (each for each in tree if each.endswith(suffix) and not _beside(each))
    return any(wanted.search(tree.files[each]) for each in (*dict.fromkeys(near), *far) if each in tree)


def _beside(path: str) -> bool:
    """Tests, documentation and scripts: what they import is no dependency of the package."""
    parts = PurePosixPath(path).parts
    return len(parts) == 1 or any(part.startswith(("test", "doc", "example", "setup")) for part in parts)
