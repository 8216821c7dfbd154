"""What a suite needs without saying so."""

from avr.ecosystems.pypi import wishes
from avr.model.source import SourceTree


def test_plugins_behind_fixtures_markers_and_settings_are_found() -> None:
    """A fixture that the suite defines itself asks for nothing."""
    test = (
        b"import pytest\n@pytest.fixture\ndef httpbin():\n    pass\n"
        b"@pytest.mark.asyncio\nasync def test_a(mocker, httpbin, tmpdir):\n    assert pytest.lazy_fixture('x')\n"
    )
    config = b"[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = 'x'\n"
    tree = SourceTree(
        files={"tests/test_a.py": test, "pyproject.toml": config, "other.py": b"def test_b(benchmark): pass"}
    )
    expected = {"pytest-mock", "pytest-asyncio", "pytest-django", "pytest-lazy-fixture"}
    assert wishes.plugins(tree, ("tests",)) == expected


def test_packages_behind_missing_modules_are_named() -> None:
    """Well-known differences are in a table; the tree's own and private modules are not looked for on an index."""
    missing = ("yaml", "zope.interface.common", "simplejson.decoder", "tests.helper", "_speedups")
    assert wishes.packages(missing, frozenset({"tests"})) == {"pyyaml", "zope-interface", "simplejson"}
