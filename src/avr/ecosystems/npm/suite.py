"""Which tests are a package's suite and how it runs them itself: its script `test`, which no shell ever sees.

The tarball seldom has the tests; those of the upstream tag are laid over it, and never upstream's code: what is tested
is what the registry serves.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from avr.ecosystems.npm import manifest, modules
from avr.model.source import SourceTree

SCRIPTS = (".js", ".cjs", ".mjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".coffee", ".es6")
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "fixtures", "__mocks__", "__fixtures__"})
_TEST_NAME = re.compile(r"(?:.*[._-])?(?:test|tests|spec)(?:[._-].*)?\.[cm]?[jt]sx?", re.IGNORECASE)
_CONFIG_NAME = re.compile(
    r"\.\w+rc(?:\.\w+)?|(?:jest|ava|vitest|babel|mocha|jasmine)\.?(?:config|setup)?\.\w+|tsconfig.*\.json"
)
_FOREIGN = frozenset({".git", ".github", "node_modules", "docs", "website", "examples"})
_WORD = re.compile(r"[A-Za-z_]\w*=\S*")
_DESCRIBES = re.compile(rb"^\s*(?:describe|it|test|suite)\s*\(", re.MULTILINE)
_DEEPEST = 6
_MOST_FILES = 400


class Kind(StrEnum):
    """The runners whose results can be read."""

    MOCHA = "mocha"
    TAPE = "tape"
    TAP = "tap"
    AVA = "ava"
    JEST = "jest"
    VITEST = "vitest"
    NODE_TEST = "node:test"
    PROGRAM = "node"
    """Programs that tell by their exit code alone whether they hold."""


_RUNNERS = {each.value: each for each in Kind if each not in (Kind.NODE_TEST, Kind.PROGRAM)} | {"_mocha": Kind.MOCHA}
_MOCHA_OPTIONS = """-r --require -u --ui --opts --config -t --timeout --extension --ext --ignore --loader --import
    --file --compilers --exclude --spec"""
_KEPT_WITH_VALUE = {
    Kind.MOCHA: frozenset(_MOCHA_OPTIONS.split()),
    Kind.TAPE: frozenset({"-r", "--require"}),
    Kind.AVA: frozenset({"--config", "--require", "-r"}),
    Kind.JEST: frozenset({"-c", "--config", "--env", "--testEnvironment"}),
    Kind.VITEST: frozenset({"-c", "--config"}),
}
_KEPT = {Kind.MOCHA: frozenset({"--recursive", "--exit", "--async-only", "-A", "--delay", "--no-opts", "--harmony"})}
_DEFAULT_FILES = {
    Kind.MOCHA: ("test/*.js", "test/*.cjs", "test/*.mjs"),
    Kind.AVA: ("test.js", "test.mjs", "test.ts", "test-*.js", "test/**/*.js", "**/*.test.js"),
    Kind.TAP: ("test/*.js", "test/**/*.js", "tests/**/*.js", "__tests__/**/*.js", "*.test.js", "test.js"),
    Kind.TAPE: ("test/*.js", "test.js"),
    Kind.NODE_TEST: ("test/**/*.js", "test/**/*.mjs", "test/**/*.cjs", "**/*.test.js", "**/*.test.mjs", "test.js"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How the tests run: `paths` are the files (empty: the choice of jest or vitest), `overlay` is laid over the tree.

    `problem` tells why there is nothing to run. `script` is the package's own line.
    """

    kind: Kind = Kind.PROGRAM
    options: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    origin: str = "none"
    script: str = ""
    problem: str = ""


def find(tree: SourceTree, upstream: SourceTree | None) -> Suite:
    """The suite of a tarball's tree, with the tests of the upstream tag that it lacks."""
    overlay = dict(_overlay(tree, upstream)) if upstream is not None else {}
    whole = tree.replacing(overlay)
    told, own = manifest.read(tree), [path for path in tree if is_test(path)]
    scripts = told.scripts if "test" in told.scripts or upstream is None else manifest.read(upstream).scripts
    lent = any(is_test(path) for path in overlay)
    origin = " and ".join([*(["tarball"] if own else []), *(["upstream tag"] if lent else [])]) or "none"
    if not own and not lent:
        why = "neither the tarball nor an upstream tag has tests"
        return Suite(overlay=overlay, script=scripts.get("test", ""), problem=why)
    lent_scripts = manifest.read(upstream).scripts if upstream is not None else {}
    for command in (*_commands(scripts, "test", 0), *_commands(lent_scripts, "test", 0)):
        found = _read(command, whole)
        if found is not None and (found[2] or found[0] in (Kind.JEST, Kind.VITEST)):
            kind, options, paths = found
            script = " ".join(command)
            return Suite(kind=kind, options=options, paths=paths, overlay=overlay, origin=origin, script=script)
    guessed = _guessed(whole, upstream)
    if guessed is not None:
        return Suite(kind=guessed[0], paths=guessed[1], overlay=overlay, origin=origin, script="(none; guessed)")
    why = f"the script {scripts.get('test', '')!r} runs no runner whose results can be read"
    return Suite(overlay=overlay, origin=origin, script=scripts.get("test", ""), problem=why)


def is_test(path: str) -> bool:
    """Whether a script belongs to a suite, by its place or name."""
    parts = PurePosixPath(path).parts
    if not path.endswith(SCRIPTS):
        return False
    return not _TEST_FOLDERS.isdisjoint(parts[:-1]) or _TEST_NAME.fullmatch(parts[-1]) is not None


def runnable(path: str) -> bool:
    """Whether a runner can be given this file: a script that is no data of tests."""
    return path.endswith(SCRIPTS) and not path.endswith(".d.ts") and "fixtures" not in PurePosixPath(path).parts


def configuration(tree: SourceTree) -> Iterator[str]:
    """The files at the root, and in test folders, that configure runners."""
    for path in tree:
        folder, _, name = path.rpartition("/")
        if (not folder or folder in _TEST_FOLDERS) and (_CONFIG_NAME.fullmatch(name) or name == "mocha.opts"):
            yield path


def _overlay(tree: SourceTree, upstream: SourceTree) -> Iterator[tuple[str, bytes]]:
    """Upstream's tests, their data and the configuration; never code of the package."""
    settings = set(configuration(upstream))
    for path, data in upstream.files.items():
        parts = PurePosixPath(path).parts
        inside = not _TEST_FOLDERS.isdisjoint(parts[:-1])
        wanted = inside or is_test(path) or path in settings
        if wanted and path not in tree and parts[0] not in _FOREIGN:
            yield path, data


def _commands(scripts: Mapping[str, str], name: str, depth: int) -> Iterator[list[str]]:
    """The commands that a script comes down to, those of other scripts in their place."""
    if depth > _DEEPEST:
        return
    for command in _split(scripts.get(name, "")):
        inner = [each for each in _called(command) if each in scripts]
        for each in inner:
            yield from _commands(scripts, each, depth + 1)
        if not inner and command:
            yield command


def _split(script: str) -> list[list[str]]:
    """A line as commands without what they are piped into; none where a shell alone could read it."""
    try:
        lexer = shlex.shlex(script, posix=True, punctuation_chars="|&;")
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError:
        return []
    commands: list[list[str]] = [[]]
    piped = False
    for token in tokens:
        if token in ("&&", "||", ";", "&"):
            commands.append([])
            piped = False
        elif set(token) <= set("|&;"):
            piped = True
        elif not piped:
            commands[-1].append(token)
    return [[each for each in command if not _WORD.fullmatch(each)] for command in commands]


def _called(command: list[str]) -> list[str]:
    """The other scripts that a command runs."""
    words = [each for each in command if not each.startswith("-")]
    first = next((at for at, word in enumerate(words) if word in ("npm", "yarn", "pnpm")), None)
    if first is not None:
        words = words[first:]
        rest = words[2:] if words[1:2] in (["run"], ["run-script"]) else words[1:]
        return rest[:1]
    return words[1:] if words[:1] in (["npm-run-all"], ["run-s"], ["run-p"]) else []


def _guessed(tree: SourceTree, upstream: SourceTree | None) -> tuple[Kind, tuple[str, ...]] | None:
    """The runner that the package depends on for its tests, with the files that are written for it.

    Where the script runs it through something else (grunt, make, a program of its own).
    """
    own = manifest.read(tree).development or (manifest.read(upstream).development if upstream is not None else {})
    files = [path for path in tree if is_test(path) and runnable(path)]
    for kind in (Kind.AVA, Kind.TAPE, Kind.TAP):
        fitting = [path for path in files if kind.value in modules.packages(tree.files[path])]
        if kind.value in own and fitting:
            return kind, tuple(fitting[:_MOST_FILES])
    fitting = [path for path in files if _DESCRIBES.search(tree.files[path])]
    return (Kind.MOCHA, tuple(fitting[:_MOST_FILES])) if "mocha" in own and fitting else None


def _read(command: list[str], tree: SourceTree) -> tuple[Kind, tuple[str, ...], tuple[str, ...]] | None:
    for at, token in enumerate(command):
        name = PurePosixPath(token).name.removesuffix(".js")
        if name in _RUNNERS:
            return _arguments(_RUNNERS[name], command[at + 1 :], tree)
        if name == "node":
            return _by_node(command[at + 1 :], tree)
    return None


def _by_node(words: list[str], tree: SourceTree) -> tuple[Kind, tuple[str, ...], tuple[str, ...]] | None:
    if "--test" in words:
        return _arguments(Kind.NODE_TEST, [each for each in words if not each.startswith("-")], tree)
    files = [each for each in words if not each.startswith("-")]
    runner = next((_RUNNERS[stem] for each in files[:1] if (stem := PurePosixPath(each).stem) in _RUNNERS), None)
    if runner is not None:
        return _arguments(runner, words[words.index(files[0]) + 1 :], tree)
    found = manifest.resolve(tree, "", files[0]) if files else None
    return (Kind.PROGRAM, (), (found,)) if found is not None and is_test(found) else None


def _arguments(kind: Kind, words: list[str], tree: SourceTree) -> tuple[Kind, tuple[str, ...], tuple[str, ...]]:
    options: list[str] = []
    paths: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, equals, _ = word.partition("=")
        if name in _KEPT_WITH_VALUE.get(kind, ()):
            options += [word] if equals else [word, next(waiting, "")]
        elif word in _KEPT.get(kind, ()):
            options.append(word)
        elif not word.startswith("-"):
            paths += _matching(word, tree, deep="--recursive" in words)
    if not paths and kind is Kind.MOCHA:
        paths = _of_mocha(tree)
    if not paths:
        paths = [each for pattern in _DEFAULT_FILES.get(kind, ()) for each in _matching(pattern, tree)]
    return kind, tuple(options), tuple(dict.fromkeys(paths))[:_MOST_FILES]


def _of_mocha(tree: SourceTree) -> list[str]:
    """The files that mocha's own configuration names, as far as it is JSON or `mocha.opts`."""
    found = manifest.read(tree).content.get("mocha")
    for name in (".mocharc.json", ".mocharc.jsonc"):
        with suppress(ValueError, RecursionError):
            found = found or json.loads(tree.get(name) or b"null")
    spec = found.get("spec") if isinstance(found, dict) else None
    patterns = [str(each) for each in (spec if isinstance(spec, list) else [spec] if spec else [])]
    lines = (tree.get("test/mocha.opts") or b"").decode("utf-8", "replace").splitlines()
    patterns += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("-", "#"))]
    deep = (isinstance(found, dict) and bool(found.get("recursive"))) or "--recursive" in [
        each.strip() for each in lines
    ]
    return [path for each in (patterns or (["test"] if deep else [])) for path in _matching(each, tree, deep=deep)]


def _matching(pattern: str, tree: SourceTree, *, deep: bool = False) -> list[str]:
    """The files that a path, a folder (its inner ones too where `deep`) or a pattern of a shell names."""
    plain = str(PurePosixPath(pattern.removeprefix("./").strip("'\"")))
    if plain in tree:
        return [plain]
    below = [path for path in tree if path.startswith(f"{plain}/")]
    inside = [path for path in below if deep or path.count("/") == plain.count("/") + 1]
    if inside:
        return [path for path in inside if runnable(path)]
    return [path for path in tree if runnable(path) and any(_glob(path, each) for each in _braces(plain))]


def _glob(path: str, pattern: str) -> bool:
    """`**` stands for any folders and none, `*` for a part of one name."""
    names, parts = path.split("/"), pattern.split("/")
    return _parts_match(names, parts)


def _parts_match(names: list[str], parts: list[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_parts_match(names[at:], parts[1:]) for at in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _parts_match(names[1:], parts[1:])


def _braces(pattern: str) -> list[str]:
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    words = match[1].split(",")
    return [text for each in words for text in _braces(pattern[: match.start()] + each + pattern[match.end() :])]
