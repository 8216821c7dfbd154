"""Shipped copies of changed code: changed alike where that is sure, told where it is not."""

import json

from avr.ecosystems.npm import copies, static
from avr.model.source import SourceTree

OLD = """function set(object, path, value) {
  var key = lastOf(path);
  object[key] = value;
  return object;
}
"""
NEW = """function set(object, path, value) {
  var key = lastOf(path);
  if (key === '__proto__') {
    return object;
  }
  object[key] = value;
  return object;
}
"""
HEAD = "var lastOf = require('./last');\n\n"
MANIFEST = json.dumps({"name": "thing", "version": "1.0.0", "main": "index.js"}).encode()


def indented(text: str) -> str:
    """The text one level deeper."""
    return "".join(f"  {line}\n" for line in text.splitlines())


def package(**files: str) -> SourceTree:
    """A package whose entry is `index.js`; `__` stands for a dot in names, `_S_` for a slash."""
    named = {name.replace("__", ".").replace("_S_", "/"): text.encode() for name, text in files.items()}
    return SourceTree(files={"package.json": MANIFEST, **named})


def patched(tree: SourceTree) -> SourceTree:
    """The tree with the fix in `index.js` alone."""
    return tree.replacing({"index.js": tree.files["index.js"].replace(OLD.encode(), NEW.encode())})


def test_the_same_lines_elsewhere_are_changed_too() -> None:
    """In the copy's own indentation, blank lines of the change included."""
    tree = package(index__js=HEAD + OLD, dist_S_thing__js=f"(function () {{\n{indented(OLD)}}})();\n")
    whole = copies.complete(tree, patched(tree))
    assert f"(function () {{\n{indented(NEW)}}})();\n" == whole.files["dist/thing.js"].decode()
    assert copies.stale(tree, patched(tree))[0].path == "dist/thing.js"
    assert copies.stale(tree, whole) == ()


def test_a_minified_build_gives_way_to_what_it_was_made_from() -> None:
    """Nobody can read it; without the file beside it, it is told."""
    tree = package(index__js=HEAD + OLD, index__min__js="function s(o,p,v){o[l(p)]=v;return o}")
    whole = copies.complete(tree, patched(tree))
    assert whole.files["index.js"] == whole.files["index.min.js"]
    alone = package(index__js=HEAD + OLD, dist_S_thing__min__js="function s(o,p,v){o[l(p)]=v;return o}")
    (left,) = copies.stale(alone, copies.complete(alone, patched(alone)))
    assert (left.path, "minified" in left.why) == ("dist/thing.min.js", True)


def test_a_copy_that_would_lack_a_name_is_left_and_told() -> None:
    """The new lines lean on a constant that only the changed file declares."""
    tree = package(index__js=HEAD + OLD, cut__js="var lastOf = require('./elsewhere');\n" + OLD)
    fix = NEW.replace("'__proto__'", "FORBIDDEN")
    after = tree.replacing({"index.js": f"{HEAD}var FORBIDDEN = '__proto__';\n{fix}".encode()})
    whole = copies.complete(tree, after)
    assert whole.files["cut.js"] == tree.files["cut.js"]
    assert [each.path for each in copies.stale(tree, whole)] == ["cut.js"]


def test_a_copy_that_holds_the_lines_twice_is_left_and_told() -> None:
    """Nobody knows which of the two is meant."""
    tree = package(index__js=HEAD + OLD, bundle__js=OLD + OLD)
    whole = copies.complete(tree, patched(tree))
    assert [each.path for each in copies.stale(tree, whole)] == ["bundle.js"]


def test_a_copy_that_upstream_changed_itself_is_no_news() -> None:
    """It no longer has the old lines."""
    tree = package(index__js=HEAD + OLD, dist_S_thing__js=OLD)
    after = patched(tree).replacing({"dist/thing.js": NEW.encode()})
    assert copies.complete(tree, after) == after
    assert copies.stale(tree, after) == ()


def test_a_change_that_upstream_made_twice_comes_once() -> None:
    """Two changed files with the same lines, and a third one that nobody touched."""
    tree = package(index__js=HEAD + OLD, esm__mjs=OLD, cjs__cjs=OLD)
    after = patched(tree).replacing({"esm.mjs": NEW.encode()})
    assert copies.complete(tree, after).files["cjs.cjs"].decode() == NEW


def test_other_code_is_left_alone() -> None:
    """What is alike by a short line only is no copy."""
    tree = package(index__js=HEAD + OLD, other__js="function get(object) {\n  return object;\n}\n")
    assert copies.complete(tree, patched(tree)) == patched(tree)


def problems(before: SourceTree, path: str, data: bytes) -> tuple[str, ...]:
    """What is wrong with one changed file."""
    return static.problems(before, before.replacing({path: data}))


def test_syntax_that_breaks_is_told() -> None:
    """By tree-sitter's grammar; what was broken before is no news."""
    tree = package(index__js=OLD)
    assert problems(tree, "index.js", NEW.encode()) == ()
    assert "cannot be read" in problems(tree, "index.js", NEW.encode().replace(b"}", b"", 1))[0]


def test_a_package_that_is_not_declared_is_told() -> None:
    """Node's own modules and declared ones are fine."""
    tree = package(index__js=OLD)
    more = b"var a = require('fs'), b = require('node:os'), c = require('left-pad/x');\n" + OLD.encode()
    assert problems(tree, "index.js", more) == ("index.js needs 'left-pad', which the package does not depend on",)


def test_a_source_whose_build_was_not_made_anew_is_told() -> None:
    """The users of the package run something else than what was changed."""
    content = json.dumps({"name": "thing", "main": "dist/main.js"}).encode()
    tree = SourceTree(files={"package.json": content, "src/main.js": OLD.encode(), "dist/main.js": b"exports.x = 1\n"})
    found = problems(tree, "src/main.js", NEW.encode())
    assert any("dist/main.js" in each and "built anew" in each for each in found)
    template = SourceTree(files={**tree.files, "dist/other.js": b"x", "lib/rule.jst": b"{{old}}"})
    assert "node does not load lib/rule.jst" in problems(template, "lib/rule.jst", b"{{new}}")[0]
