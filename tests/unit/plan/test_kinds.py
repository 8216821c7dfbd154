"""Kinds of files by their paths."""

import pytest

from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.plan.kinds import classify, packages_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/urllib3/util/url.py", ChangeKind.CODE),
        ("werkzeug/test.py", ChangeKind.CODE),
        ("django/test/client.py", ChangeKind.CODE),
        ("waitress/testing.py", ChangeKind.CODE),
        ("certifi/cacert.pem", ChangeKind.CODE),
        ("waitress/tests/test_parser.py", ChangeKind.TEST),
        ("src/twisted/web/test/test_http.py", ChangeKind.TEST),
        ("src/twisted/web/test/requesthelper.py", ChangeKind.TEST),
        ("test/unit/test_account.py", ChangeKind.TEST),
        ("test.py", ChangeKind.TEST),
        ("tests/test_port/fixtures/issue-fixes.md", ChangeKind.TEST),
        ("pkg/conftest.py", ChangeKind.TEST),
        ("pkg/url_test.py", ChangeKind.TEST),
        ("server/src/test/java/org/acme/Data.java", ChangeKind.TEST),
        ("java/org/acme/TestParser.java", ChangeKind.TEST),
        ("java/org/acme/ParserTest.java", ChangeKind.TEST),
        ("java/org/acme/Contest.java", ChangeKind.CODE),
        ("pkg/parser_test.go", ChangeKind.TEST),
        ("pkg/latest.go", ChangeKind.CODE),
        ("lib/__tests__/parser.js", ChangeKind.TEST),
        ("lib/parser.spec.cjs", ChangeKind.TEST),
        ("test.js", ChangeKind.TEST),
        ("lib/test.js", ChangeKind.CODE),
        ("index.test-d.ts", ChangeKind.TEST),
        ("spec/parser.js", ChangeKind.TEST),
        ("lib/spec/index.js", ChangeKind.CODE),
        ("lodash.min.js", ChangeKind.CODE),
        ("dist/qs.js", ChangeKind.CODE),
        ("dist/qs.js.map", ChangeKind.BUILD),
        ("index.d.ts", ChangeKind.BUILD),
        ("Gruntfile.js", ChangeKind.BUILD),
        ("rollup.config.mjs", ChangeKind.BUILD),
        ("lib/webpack.js", ChangeKind.CODE),
        ("docs/index.py", ChangeKind.DOCS),
        ("CHANGES", ChangeKind.DOCS),
        ("CHANGELOG.md", ChangeKind.DOCS),
        ("NEWS.txt", ChangeKind.DOCS),
        ("src/twisted/newsfragments/10294.bugfix", ChangeKind.DOCS),
        ("setup.py", ChangeKind.BUILD),
        ("pyproject.toml", ChangeKind.BUILD),
        (".github/workflows/ci.yml", ChangeKind.BUILD),
        ("requirements-dev.txt", ChangeKind.BUILD),
        ("cairosvg/VERSION", ChangeKind.BUILD),
        ("pkg.egg-info/SOURCES.txt", ChangeKind.BUILD),
    ],
)
def test_a_path_tells_its_kind(path: str, kind: ChangeKind) -> None:
    """Tests, documentation and build settings are told from code that ships."""
    assert classify(path) == kind


def test_python_files_outside_the_shipped_packages_support_tests() -> None:
    """A server that only the tests use is no shipped code."""
    assert classify("dummyserver/handlers.py", {"urllib3"}) == ChangeKind.TEST
    assert classify("src/urllib3/_collections.py", {"urllib3"}) == ChangeKind.CODE


def test_the_packages_own_metadata_names_what_ships() -> None:
    """Metadata of other projects inside the tree, such as test data, is passed over."""
    tree = SourceTree(
        files={"data/other.egg-info/top_level.txt": b"other\n", "a/b/My_Pkg.egg-info/top_level.txt": b"Mine\n_mine\n"}
    )
    assert packages_of(tree, "my-pkg") == {"mine", "_mine"}


def test_a_tree_without_metadata_names_no_packages() -> None:
    """Unknown is an empty set, which demotes nothing."""
    assert packages_of(SourceTree(files={"pkg/__init__.py": b""}), "pkg") == frozenset()
