"""The suite of a package: its own script, read without a shell, and upstream's tests without upstream's code."""

import json

import pytest

from avr.ecosystems.npm import needs, suite
from avr.ecosystems.npm.suite import Kind, Suite
from avr.model.source import SourceTree

TESTS = {"test/a.js": b"require('tape')", "test/deep/b.js": b"require('..')", "test.js": b"require('ava')"}


def tree(scripts: dict[str, str], files: dict[str, bytes] | None = None, **manifest: object) -> SourceTree:
    """A package with these scripts."""
    content = json.dumps({"name": "thing", "scripts": scripts, **manifest}).encode()
    return SourceTree(files={"package.json": content, "index.js": b"", **(TESTS if files is None else files)})


def found(scripts: dict[str, str], files: dict[str, bytes] | None = None, **manifest: object) -> Suite:
    """The suite of such a package."""
    return suite.find(tree(scripts, files, **manifest), None)


@pytest.mark.parametrize(
    ("scripts", "kind", "paths"),
    [
        ({"test": "tape test/*.js"}, Kind.TAPE, ("test/a.js",)),
        ({"test": "xo && ava && tsd"}, Kind.AVA, ("test.js", "test/a.js", "test/deep/b.js")),
        ({"test": "nyc --silent mocha --recursive test"}, Kind.MOCHA, ("test/a.js", "test/deep/b.js")),
        ({"test": "mocha"}, Kind.MOCHA, ("test/a.js",)),
        ({"test": "npm run lint && npm run unit", "lint": "eslint .", "unit": "tap 'test/**/*.js' | tap-spec"},
         Kind.TAP, ("test/a.js", "test/deep/b.js")),
        ({"test": "nyc npm run spec", "spec": "NODE_ENV=test mocha test/{a,c}.js -R spec"}, Kind.MOCHA, ("test/a.js",)),
        ({"test": "node --test test/"}, Kind.NODE_TEST, ("test/a.js",)),
        ({"test": "node node_modules/.bin/_mocha test/a.js"}, Kind.MOCHA, ("test/a.js",)),
        ({"test": "node test/a"}, Kind.PROGRAM, ("test/a.js",)),
        ({"test": "jest --coverage"}, Kind.JEST, ()),
    ],
)  # fmt: skip
def test_the_script_says_how_the_tests_run(scripts: dict[str, str], kind: Kind, paths: tuple[str, ...]) -> None:
    """Wrappers, other scripts, variables and pipes are looked through."""
    read = found(scripts)
    assert (read.kind, read.paths, read.problem) == (kind, paths, "")


def test_options_that_tests_need_are_kept_and_reports_are_not() -> None:
    """What is loaded first stays; reporters, watching and colours go."""
    read = found({"test": "mocha -r ./setup.js -R spec --bail --timeout=5000 --exit test/a.js"})
    assert read.options == ("-r", "./setup.js", "--timeout=5000", "--exit")


@pytest.mark.parametrize("script", ["make test", "echo ok", "grunt 'unclosed", "node index.js"])
def test_what_cannot_be_read_is_no_suite(script: str) -> None:
    """And the reason is told."""
    assert "runs no runner" in found({"test": script}).problem


def test_a_loop_of_scripts_ends() -> None:
    """A script that calls itself says nothing."""
    assert found({"test": "npm run test"}).problem


def test_a_runner_behind_another_program_is_guessed() -> None:
    """From the dependency and the files that are written for it."""
    files = {"test/unit/a.js": b"describe('a', function () {})", "test/help.js": b"exports.x = 1"}
    read = found({"test": "grunt test"}, files, devDependencies={"mocha": "^5.0.0"})
    assert (read.kind, read.paths) == (Kind.MOCHA, ("test/unit/a.js",))


def test_upstreams_tests_are_lent_and_its_code_is_not() -> None:
    """What is tested is what the registry serves."""
    upstream = SourceTree(
        files={
            "package.json": b"{}",
            "index.js": b"other",
            "src/index.ts": b"source",
            "helper.js": b"code",
            "test/a.js": b"test",
            "test/fixtures/data.json": b"{}",
            ".mocharc.json": b"{}",
            ".github/test/x.js": b"",
        }
    )
    read = suite.find(tree({"test": "mocha"}, {}), upstream)
    assert set(read.overlay) == {"test/a.js", "test/fixtures/data.json", ".mocharc.json"}
    assert (read.origin, read.paths) == ("upstream tag", ("test/a.js",))


def test_only_what_the_tests_name_is_installed() -> None:
    """The runner, what tests load, what configuration names, and what the package needs itself."""
    development = {"tape": "^4.0.0", "eslint": "*", "has": "^1.0.0", "fromgit": "git+https://host.invalid/x.git"}
    own = tree({"test": "tape test/*.js"}, {"test/a.js": b"require('tape'); require('has/x'); require('fromgit')"},
               devDependencies=development, dependencies={"real": "1.x"})  # fmt: skip
    wanted = needs.wanted(own, None, suite.find(own, None), SourceTree(files={}))
    assert wanted == {"tape": "^4.0.0", "has": "^1.0.0", "real": "1.x"}
