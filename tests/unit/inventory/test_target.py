"""Targets: purls, requirements files, environments, and what is none of them."""

from pathlib import Path

import pytest

from avr.errors import UsageError
from avr.inventory.target import read


def install(folder: Path, name: str, metadata: str, **files: str) -> None:
    """Lay an installed distribution into a site-packages folder."""
    info = folder / f"{name}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(metadata)
    for file, content in files.items():
        (info / file.replace("_json", ".json")).write_text(content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pkg:pypi/jinja2@2.11.2", "jinja2 2.11.2"),
        ("pkg:pypi/Zope.Interface@5.0?file_name=x.whl", "zope-interface 5.0"),
        ("pkg:pypi/jinja2@2.11.2%2Bavr.1", "jinja2 2.11.2+avr.1"),
    ],
)
def test_a_purl_is_one_component(text: str, expected: str) -> None:
    """Names are normalised, a `+` may be encoded, qualifiers do not matter."""
    assert [str(each) for each in read(text).components] == [expected]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pkg:", "purl.invalid"),
        ("pkg:pypi", "purl.invalid"),
        ("pkg:gem/rails@4.2.0", "purl.ecosystem"),
        ("pkg:pypi/space/jinja2@1.0", "purl.ecosystem"),
        ("pkg:pypi/jinja2", "purl.version"),
        ("pkg:pypi/jinja2@latest", "purl.version"),
        ("nowhere/requirements.txt", "target.unknown"),
        ("nul\0byte", "target.unknown"),
    ],
)
def test_what_is_no_target_is_a_usage_error(text: str, code: str) -> None:
    """Each kind of mistake has its own code, and a hint."""
    with pytest.raises(UsageError) as raised:
        read(text)
    assert (raised.value.code, bool(raised.value.hint)) == (code, True)


def test_a_virtual_environment_is_read_without_running_it(tmp_path: Path) -> None:
    """Distributions come from metadata; a .pth file that would run code is not run."""
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    install(site, "Jinja2-2.11.2", "Metadata-Version: 2.1\nName: Jinja2\nVersion: 2.11.2\n")
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (site / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    inventory = read(str(tmp_path))
    assert ([str(each) for each in inventory.components], (tmp_path / "ran").exists()) == (["jinja2 2.11.2"], False)


def test_broken_and_editable_distributions_are_passed_over(tmp_path: Path) -> None:
    """One broken package does not hide the others."""
    install(tmp_path, "good-1", "Name: good\nVersion: 1\n")
    install(tmp_path, "nameless-1", "Version: 1\n")
    install(tmp_path, "odd-1", "Name: odd\nVersion: one\n")
    install(tmp_path, "own-1", "Name: own\nVersion: 1\n", direct_url_json='{"dir_info": {"editable": true}}')
    inventory = read(str(tmp_path))
    assert [str(each) for each in inventory.components] == ["good 1"]
    assert sorted(each.code for each in inventory.unresolved) == [
        "environment.editable",
        "environment.metadata",
        "environment.version",
    ]


def test_a_folder_that_is_no_environment_is_refused(tmp_path: Path) -> None:
    """The message says what would be accepted."""
    with pytest.raises(UsageError, match="no Python environment"):
        read(str(tmp_path))


def test_a_scoped_package_of_npm_is_named_with_its_scope() -> None:
    """The scope's `@` is percent-encoded in a package URL, and so it is written again."""
    (component,) = read("pkg:npm/%40babel/traverse@7.23.0").components
    assert (component.name, component.version) == ("@babel/traverse", "7.23.0")
    assert component.purl == "pkg:npm/%40babel/traverse@7.23.0"
