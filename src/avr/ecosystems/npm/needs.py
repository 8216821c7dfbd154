"""Which of a package's own dependencies its tests need: its linters, bundlers and browsers stay away.

Needed are the runner, what test files and configuration name, and what the package depends on itself.
"""

import json
import re

from avr.ecosystems.npm import manifest, modules, versions
from avr.ecosystems.npm.suite import Kind, Suite, configuration, is_test
from avr.model.source import SourceTree

_SECTIONS = ("mocha", "ava", "jest", "tap", "babel", "vitest")
_BABEL = ("@babel/", "babel-")
_TAG = re.compile(r"[a-z][a-z0-9-]*\Z")
_RUNNER = {Kind.NODE_TEST: "", Kind.PROGRAM: "", Kind.TAPE: "tape"}


def runner(suite: Suite) -> str:
    """The package whose program runs the suite; empty where node itself does."""
    return _RUNNER.get(suite.kind, suite.kind.value)


def wanted(tree: SourceTree, upstream: SourceTree | None, suite: Suite, extra: SourceTree) -> dict[str, str]:
    """The packages that the tests need, each with its range as the package says it.

    `tree` is the pin's with the suite laid over it, `extra` holds further tests. What is no range of a registry's
    versions is left out.
    """
    own = manifest.read(tree)
    told = own.development or (manifest.read(upstream).development if upstream is not None else {})
    named = set(_named(tree)) | set(_named(extra)) | {runner(suite)}
    texts = [json.dumps(own.content.get(key, "")) for key in _SECTIONS]
    texts += [tree.files[path].decode("utf-8", "replace") for path in configuration(tree)]
    words = " ".join([*texts, *suite.options])
    named |= {name for name in told if re.search(rf"(?<![\w@/-]){re.escape(name)}(?![\w-])", words)}
    if "babel" in words:
        named |= {name for name in told if name.startswith(_BABEL)}
    if "ts-node" in named or "ts-jest" in named:
        named.add("typescript")
    found = {name: spec for name, spec in told.items() if name in named} | dict(own.dependencies)
    return {name: spec for name, spec in found.items() if versions.is_range(spec) or _TAG.match(spec)}


def _named(tree: SourceTree) -> frozenset[str]:
    files = (tree.files[path] for path in tree if is_test(path))
    return frozenset(each for data in files for each in modules.packages(data))
