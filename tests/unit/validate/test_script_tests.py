"""Tests in JavaScript: by title, and by the file that each result names."""

from avr.model.fix import ChangeKind
from avr.stages.validate.changed_tests import belongs, changed_tests, names_function, removed_tests
from avr.stages.validate.script_tests import WHOLE, titles
from avr.testing import build

BEFORE = """describe('thing', function () {
  it('reads', function () { assert(1); });
  it("isn't lost", () => {});
});
test(`kept`, (t) => t.pass());
"""
AFTER = BEFORE.replace("assert(1)", "assert(2)").replace('it("isn\'t lost"', "it.only('refuses'")


def test_a_test_reaches_from_its_title_to_the_next() -> None:
    """Whatever the quotes; what is put together when it runs is not known."""
    assert list(titles(BEFORE.encode())) == ["reads", "isn't lost", "kept"]
    assert titles(b"assert(1)") == {}


def test_changed_and_removed_tests_are_named() -> None:
    """Those whose text differs; the file as a whole is always meant as well."""
    fix = build.fix(build.change("test/a.js", BEFORE, AFTER, ChangeKind.TEST))
    assert changed_tests(fix) == {"test/a.js": frozenset({"reads", "refuses"}) | WHOLE}
    assert removed_tests(fix) == {"test/a.js": frozenset({"isn't lost"})}


def test_a_result_names_its_file_and_its_title() -> None:
    """In whatever group; a title that is part of another one is not meant."""
    wanted = frozenset({"refuses"})
    assert belongs("test/a.js::thing::refuses", "test/a.js")
    assert not belongs("test/a.js::thing::refuses", "a.js")
    assert names_function("test/a.js::thing::refuses", wanted)
    assert names_function("test/a.js::refuses::should be equal#2", wanted)
    assert names_function("test/a.js::thing refuses", wanted)
    assert not names_function("test/a.js::thing::never refuses it", wanted)
