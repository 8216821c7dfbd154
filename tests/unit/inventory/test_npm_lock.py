"""npm's lock files: every instance, whatever the file's version, and what is no package of a registry."""

import json
from pathlib import Path

import pytest

from avr.errors import UsageError
from avr.inventory import npm_lock
from avr.inventory.target import read
from avr.model.component import Inventory

SRI = "sha512-8xOcRHvCjnocdS5cpwXQXVzmmh5e5+saE2QGoeQmbKmRS6J3VQppPOIt0MnmE+4xlZoumy0GPG0D0MVIQbNA1A=="
REGISTRY = "https://registry.invalid"

PACKAGES = {
    "": {"name": "p", "dependencies": {"a": "^1.0.0"}},
    "node_modules/a": {"version": "1.0.0", "resolved": f"{REGISTRY}/a/-/a-1.0.0.tgz", "integrity": SRI},
    "node_modules/a/node_modules/b": {"version": "2.0.0", "integrity": SRI},
    "node_modules/c/node_modules/b": {"version": "2.0.0", "integrity": SRI, "dev": True},
    "node_modules/alias": {"name": "@scope/real", "version": "3.0.0"},
    "node_modules/inside": {"version": "4.0.0", "inBundle": True},
    "node_modules/fixed": {"version": "5.0.0", "resolved": "file:vendor/fixed-5.0.0-avr.2.tgz", "integrity": SRI},
    "node_modules/ours": {"resolved": "packages/ours", "link": True},
    "packages/ours": {"version": "0.1.0"},
    "node_modules/git": {"version": "1.0.0", "resolved": "git+ssh://git@host.invalid/x/y.git#0123"},
    "node_modules/file": {"version": "1.0.0", "resolved": "file:file-1.0.0.tgz"},
    "node_modules/odd": {"version": "latest"},
    "node_modules/../evil": {"version": "1.0.0"},
}


def lock(folder: Path, version: int, **content: object) -> Path:
    """A lock file in a folder."""
    path = folder / "package-lock.json"
    path.write_text(json.dumps({"name": "p", "lockfileVersion": version, **content}, indent=2))
    return path


def told(inventory: Inventory) -> dict[str, int]:
    """Components with the number of their places."""
    return {f"{each.name}@{each.version}": len(each.locations) for each in inventory.components}


@pytest.mark.parametrize("version", [2, 3])
def test_every_instance_is_found(tmp_path: Path, version: int) -> None:
    """Nested, deduplicated, aliased and bundled packages; a patched one at our own version."""
    found = read(str(lock(tmp_path, version, packages=PACKAGES, dependencies={})))
    assert told(found) == {
        "@scope/real@3.0.0": 1,
        "a@1.0.0": 1,
        "b@2.0.0": 2,
        "fixed@5.0.0-avr.2": 1,
        "inside@4.0.0": 1,
    }
    assert next(each.hashes for each in found.components if each.name == "a") == (SRI,)


def test_what_is_no_package_of_a_registry_is_told(tmp_path: Path) -> None:
    """Git, files, folders, and what names no exact version or no name; the project's own folders are passed over."""
    found = npm_lock.read(lock(tmp_path, 3, packages=PACKAGES))
    assert [(each.text.split()[0], each.code) for each in found.unresolved] == [
        ("node_modules/ours", "lock.link"),
        ("node_modules/git", "lock.git"),
        ("node_modules/file", "lock.file"),
        ("node_modules/odd", "lock.pin"),
        ("node_modules/../evil", "lock.name"),
    ]


def test_version_1_says_the_same_in_nested_objects(tmp_path: Path) -> None:
    """Aliases, git, files and folders stand in `version` there."""
    nested = {
        "a": {"version": "1.0.0", "integrity": SRI, "dependencies": {"b": {"version": "2.0.0"}}},
        "alias": {"version": "npm:@scope/real@3.0.0"},
        "git": {"version": "git+https://host.invalid/x.git#0123"},
        "ours": {"version": "file:packages/ours"},
        "tarball": {"version": "file:tarball-1.0.0.tgz"},
        "fixed": {"version": "file:vendor/fixed-5.0.0-avr.2.tgz", "integrity": SRI},
    }
    found = npm_lock.read(lock(tmp_path, 1, dependencies=nested))
    assert told(found) == {"@scope/real@3.0.0": 1, "a@1.0.0": 1, "b@2.0.0": 1, "fixed@5.0.0-avr.2": 1}
    assert [each.code for each in found.unresolved] == ["lock.git", "lock.link", "lock.file"]


def test_an_entry_has_its_line(tmp_path: Path) -> None:
    """A person finds the place in the file."""
    path = lock(tmp_path, 3, packages=PACKAGES)
    component = next(each for each in npm_lock.read(path).components if each.name == "a")
    line = component.locations[0].line
    assert line is not None
    assert path.read_text().splitlines()[line - 1].strip() == '"node_modules/a": {'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "lock.unreadable"),
        ("[]", "lock.unreadable"),
        ('{"name": "p"}', "lock.unreadable"),
        ('{"lockfileVersion": 4, "packages": {}}', "lock.version"),
        ('{"lockfileVersion": 3, "packages": []}', "lock.unreadable"),
        ("[" * 100_000, "lock.unreadable"),
        ("\x00\xff", "lock.unreadable"),
    ],
)
def test_what_is_no_lock_file_is_refused(tmp_path: Path, content: str, code: str) -> None:
    """With a code and a way out."""
    path = tmp_path / "npm-shrinkwrap.json"
    path.write_text(content, "latin-1")
    with pytest.raises(UsageError) as caught:
        read(str(path))
    assert caught.value.code == code
    assert caught.value.hint


def test_other_lock_files_are_named(tmp_path: Path) -> None:
    """A yarn.lock is no requirements file."""
    (tmp_path / "yarn.lock").write_text("# yarn lockfile v1\n")
    with pytest.raises(UsageError, match="yarn are not read yet"):
        read(str(tmp_path / "yarn.lock"))
