"""npm's lock file turned towards patched tarballs: every instance, and nothing else of the file."""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from avr.errors import UsageError
from avr.inventory import npm_lock
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.release import Artifact, Release
from avr.model.source import SourceTree
from avr.stages.deliver import lockfile
from avr.tools.archives import pack_targz
from avr.tools.blobs import digest_of

SRI = "sha512-8xOcRHvCjnocdS5cpwXQXVzmmh5e5+saE2QGoeQmbKmRS6J3VQppPOIt0MnmE+4xlZoumy0GPG0D0MVIQbNA1A=="
OLD = {"version": "1.0.0", "resolved": "https://registry.invalid/thing/-/thing-1.0.0.tgz", "integrity": SRI}


def release(out: Path, name: str = "thing") -> Release:
    """Revision 1 of version 1.0.0, its tarball in the output folder."""
    component = Component(ecosystem=EcosystemName.NPM, name=name, version="1.0.0")
    manifest = json.dumps({"name": name, "version": "1.0.0"}).encode()
    data = pack_targz(SourceTree(files={"package.json": manifest, "index.js": b"patched"}), "package", 315532800)
    path = f"tarballs/{component.slug}-1.0.0-avr.1.tgz"
    (out / "tarballs").mkdir(parents=True, exist_ok=True)
    (out / path).write_bytes(data)
    artifact = Artifact(path=path, role="tarball", sha256=digest_of(data), size=len(data))
    return Release(component=component, version="1.0.0-avr.1", artifacts=(artifact,))


def turned(folder: Path, content: dict[str, Any], name: str = "thing") -> tuple[dict[str, Any], lockfile.Rewrite]:
    """The rewritten lock file as JSON, and the rewrite."""
    path = folder / "package-lock.json"
    path.write_text(json.dumps(content, indent=2) + "\n")
    done = lockfile.redirect(path, [release(folder / "avr out", name)], folder / "avr out")
    return json.loads(done.contents.get(path.resolve(), path.read_bytes())), done


def digest(folder: Path, name: str = "thing") -> str:
    """The digest of the tarball."""
    data = (folder / "avr out" / "tarballs" / f"{name}-1.0.0-avr.1.tgz").read_bytes()
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def test_every_instance_is_turned_and_nothing_else(tmp_path: Path) -> None:
    """Nested ones and aliases; other versions, links and what is bundled stay."""
    packages = {
        "": {"dependencies": {"thing": "^1.0.0"}},
        "node_modules/thing": {**OLD, "license": "MIT"},
        "node_modules/a/node_modules/thing": {"version": "1.0.0", "dev": True},
        "node_modules/alias": {"name": "thing", **OLD},
        "node_modules/b/node_modules/thing": {**OLD, "version": "1.0.1"},
        "node_modules/c/node_modules/thing": {"version": "1.0.0", "inBundle": True},
        "node_modules/other": {"version": "1.0.0"},
    }
    found, done = turned(tmp_path, {"lockfileVersion": 3, "packages": packages})
    new = {"resolved": "file:avr out/tarballs/thing-1.0.0-avr.1.tgz", "integrity": digest(tmp_path)}
    expected = {
        **packages,
        "node_modules/thing": {"version": "1.0.0", **new, "license": "MIT"},
        "node_modules/a/node_modules/thing": {"version": "1.0.0", **new, "dev": True},
        "node_modules/alias": {"name": "thing", "version": "1.0.0", **new},
    }
    assert expected == found["packages"]
    assert [each.split(" lies")[0] for each in done.notes] == ["node_modules/c/node_modules/thing"]


def test_the_file_is_read_again_as_patched(tmp_path: Path) -> None:
    """A scan then sees our version, so that nothing is done twice."""
    content = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/@s/thing": dict(OLD)}}
    _, done = turned(tmp_path, content, "@s/thing")
    path = tmp_path / "package-lock.json"
    path.write_bytes(done.contents[path.resolve()])
    (component,) = npm_lock.read(path).components
    assert (component.name, component.version) == ("@s/thing", "1.0.0-avr.1")


@pytest.mark.parametrize("version", [1, 2])
def test_the_older_form_is_turned_too(tmp_path: Path, version: int) -> None:
    """Nested objects instead of paths."""
    nested = {"a": {"version": "3.0.0", "dependencies": {"thing": dict(OLD)}}, "x": {"version": "npm:thing@1.0.0"}}
    found, _ = turned(tmp_path, {"lockfileVersion": version, "dependencies": nested})
    assert found["dependencies"]["a"]["dependencies"]["thing"]["integrity"] == digest(tmp_path)
    assert found["dependencies"]["x"]["version"] == "npm:thing@1.0.0"
    assert found["dependencies"]["x"]["resolved"].startswith("file:")


def test_indentation_and_line_ends_are_kept(tmp_path: Path) -> None:
    """The difference shows the entries and nothing else."""
    path = tmp_path / "package-lock.json"
    text = json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/thing": OLD}}, indent="\t")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    data = lockfile.redirect(path, [release(tmp_path / "out")], tmp_path / "out").contents[path.resolve()]
    before, after = path.read_bytes().split(b"\r\n"), data.split(b"\r\n")
    assert 2 == sum(one != other for one, other in zip(before, after, strict=True))


def test_a_file_without_the_package_stays(tmp_path: Path) -> None:
    """Nothing is written where nothing changes."""
    _, done = turned(tmp_path, {"lockfileVersion": 3, "packages": {"": {}}})
    assert done == lockfile.Rewrite(contents={}, notes=())


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """It may have been damaged since it was read."""
    (tmp_path / "package-lock.json").write_text("{")
    with pytest.raises(UsageError, match="no JSON"):
        lockfile.redirect(tmp_path / "package-lock.json", [release(tmp_path / "out")], tmp_path / "out")


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: nothing installs anything")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_real_npm_installs_from_it(tmp_path: Path, version: int) -> None:
    """`npm ci` holds the ranges of the project and of its dependencies against the file, and takes our tarball."""
    project = {"name": "p", "version": "1.0.0", "dependencies": {"thing": "^1.0.0"}}
    (tmp_path / "package.json").write_text(json.dumps(project))
    content: dict[str, Any] = {"name": "p", "version": "1.0.0", "lockfileVersion": version, "requires": True}
    if version > 1:
        content["packages"] = {"": project, "node_modules/thing": dict(OLD)}
    if version < 3:
        content["dependencies"] = {"thing": dict(OLD)}
    _, done = turned(tmp_path, content)
    path = tmp_path / "package-lock.json"
    path.write_bytes(done.contents[path.resolve()])
    command = ["npm", "ci", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={tmp_path / 'cache'}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.count("npm error")) == (0, 0), run.stderr
    assert "patched" == (tmp_path / "node_modules" / "thing" / "index.js").read_text()
    data = path.read_text()
    tampered = data.replace(digest(tmp_path), SRI)
    path.write_text(tampered)
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (again.returncode != 0, "EINTEGRITY" in again.stderr) == (True, True)
