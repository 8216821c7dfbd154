"""A bench of npm in the real sandbox: the package's own runner, file by file, before and after a patch."""

import json
import shutil
from pathlib import Path

import pytest

from avr.config import Settings, load
from avr.ecosystems.interface import Pin, TestRequest
from avr.ecosystems.npm import bench, npm_config, rebuild
from avr.ecosystems.npm.bench import NpmBench
from avr.model.component import Component
from avr.model.evidence import TestStatus
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.tools import sandbox
from avr.tools.archives import pack_targz, unpack

pytestmark = pytest.mark.skipif(
    shutil.which("npm") is None or sandbox.problem() is not None, reason="no npm, or no sandbox"
)
CODE = b"exports.join = (root, name) => `${root}/${name}`;\n"
FIXED = b"""exports.join = (root, name) => {
  if (name.includes("..")) throw new Error("outside");
  return `${root}/${name}`;
};
"""
TEST = b"""const test = require("node:test");
const assert = require("node:assert");
const { join } = require("..");
test("joins", () => assert.equal(join("a", "b"), "a/b"));
"""
SECURITY = TEST + b'test("refuses", () => assert.throws(() => join("a", "../b")));\n'
PROGRAM = b'if (require("..").join("a", "b") !== "a/b") process.exit(1);\n'


def pinned(script: str, folder: Path, **files: bytes) -> Pin:
    """A package without dependencies, as the registry would serve it."""
    manifest = json.dumps({"name": "thing", "version": "1.0.0", "main": "index.js", "scripts": {"test": script}})
    tree = SourceTree(files={"package.json": manifest.encode(), "index.js": CODE, **files})
    tarball = folder / "thing-1.0.0.tgz"
    tarball.write_bytes(pack_targz(tree, "package", 0))
    component = Component(ecosystem=EcosystemName.NPM, name="thing", version="1.0.0")
    return Pin(component=component, tree=tree, sdist=tarball, wheel=None, released=None)


def prepared(pin: Pin, tmp_path: Path) -> NpmBench:
    """Its bench."""
    settings: Settings = load({"AVR_HOME": str(tmp_path / "home"), "AVR_CACHE": str(tmp_path / "cache")})
    return bench.prepare(pin, None, settings=settings, config=npm_config.load())


def test_the_own_runner_tells_a_hole_and_its_fix(tmp_path: Path) -> None:
    """The fix's test is red on the pin and green on the patched tree; ids begin with the file."""
    pin = pinned("node --test test/", tmp_path, **{"test/a.js": TEST})
    made = prepared(pin, tmp_path)
    whole = made.run(pin.tree, {}, TestRequest())
    assert (made.problem, made.silent, whole.problem) == (None, "", "")
    assert whole.results == {"test/a.js::test::joins": TestStatus.PASSED}
    request = TestRequest(paths=("test/a.js",))
    before = made.run(pin.tree, {"test/a.js": SECURITY}, request)
    after = made.run(pin.tree.replacing({"index.js": FIXED}), {"test/a.js": SECURITY}, request)
    assert before.results["test/a.js::test::refuses"] is TestStatus.FAILED
    assert after.results["test/a.js::test::refuses"] is TestStatus.PASSED


def test_a_program_tells_by_its_exit_code(tmp_path: Path) -> None:
    """One result for the whole of it."""
    pin = pinned("node test/run", tmp_path, **{"test/run.js": PROGRAM})
    made = prepared(pin, tmp_path)
    assert made.run(pin.tree, {}, TestRequest()).results == {"test/run.js::(program)": TestStatus.PASSED}
    broken = pin.tree.replacing({"index.js": b"exports.join = () => 1"})
    assert made.run(broken, {}, TestRequest()).results == {"test/run.js::(program)": TestStatus.FAILED}


def test_the_time_limit_leaves_no_results(tmp_path: Path) -> None:
    """A suite that does not end says nothing, and is not tried in pieces."""
    pin = pinned("node --test test/", tmp_path, **{"test/a.js": b"setInterval(() => {}, 1000)"})
    made = prepared(pin, tmp_path)
    run = made.run(pin.tree, {}, TestRequest(seconds=3))
    assert (run.exit_code, run.results) == (None, {})
    assert "pieces" in made.run(pin.tree, {}, TestRequest(apart=True)).problem


def test_without_a_suite_the_bench_says_why(tmp_path: Path) -> None:
    """No evidence, and the reason among the facts."""
    pin = pinned("make test", tmp_path)
    made = prepared(pin, tmp_path)
    assert "tests" in made.facts["silent"]
    assert made.run(pin.tree, {}, TestRequest()).problem == made.silent


def test_the_tarball_differs_by_the_patch_alone(tmp_path: Path) -> None:
    """The version inside stays; the same input gives the same bytes."""
    pin = pinned("make test", tmp_path)
    patched = pin.tree.replacing({"index.js": FIXED})
    built, again = (rebuild.rebuild(pin, patched, 2, 315532800) for _ in range(2))
    assert built.files == again.files
    assert (built.version, list(built.files)) == ("1.0.0-avr.2", ["thing-1.0.0-avr.2.tgz"])
    assert built.facts["unpatched_differs_from_registry"] == []
    inside = unpack(built.files["thing-1.0.0-avr.2.tgz"], strip_top=True)
    assert inside.differing(pin.tree) == ("index.js",)
