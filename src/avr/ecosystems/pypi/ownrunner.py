"""A project's own test script, used where pytest cannot read its suite: Django's `tests/runtests.py` and its like.

Such a script prepares settings and databases that no plug-in knows, then hands over to unittest's text runner, from
which a program of ours inside the sandbox takes the results.
"""

from pathlib import Path, PurePosixPath

from avr.model.source import SourceTree

PROGRAMS = "/opt/avr"
"""Where the programs of ours lie inside the sandbox."""
PACKAGES = ("tblib",)
"""What such a script needs without saying so: Django's parallel runner sends failures between processes with it."""
PLUGIN = "avr_parametrize"
"""Our plug-in for pytest, which runs parametrized methods of unittest classes."""
_NAMES = frozenset({"runtests.py", "run_tests.py"})
_DRIVERS = (b"get_runner", b"DiscoverRunner", b"execute_from_command_line")
_PROGRAM = "unittest_junit.py"


def find(tree: SourceTree) -> str:
    """The path of the tree's own script that runs a Django-based suite, at the root or one folder down; else empty."""
    near = [path for path in tree if PurePosixPath(path).name in _NAMES and path.count("/") <= 1]
    fitting = [path for path in near if any(word in tree.files[path] for word in _DRIVERS)]
    return min(fitting, key=lambda path: (path.count("/"), path), default="")


def folder(script: str) -> str:
    """The folder of the tree that the script is started in; empty for the root."""
    return script.rpartition("/")[0]


def arguments(script: str, paths: tuple[str, ...], report: str, test_seconds: int) -> tuple[str, ...]:
    """The interpreter's arguments that run `script` for the tests at `paths` and write `report`."""
    name = script.rpartition("/")[2]
    return (f"{PROGRAMS}/{_PROGRAM}", report, str(test_seconds), name, *labels(script, paths))


def labels(script: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Dotted names, as seen from the script's folder, of the test files and folders at `paths`; others are left out."""
    prefix = f"{folder(script)}/" if folder(script) else ""
    inside = (path.removeprefix(prefix) for path in paths if path.startswith(prefix))
    return tuple(each.removesuffix(".py").rstrip("/").replace("/", ".") for each in inside)


def pieces(script: str, files: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of the suite that can run apart: the folders right below the script, or the files themselves."""
    start = folder(script)
    if not start:
        return files
    inside = [path.removeprefix(f"{start}/") for path in files if path.startswith(f"{start}/")]
    return tuple(dict.fromkeys(f"{start}/{each.split('/')[0]}" for each in inside if "/" in each))


def programs() -> SourceTree:
    """The programs of ours that run inside the sandbox."""
    folder = Path(__file__).parent / "inside"
    return SourceTree(files={path.name: path.read_bytes() for path in folder.glob("*.py") if path.stem != "__init__"})
