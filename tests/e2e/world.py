"""A small world of our own: a package with a hole, its releases in a folder, its upstream repository, its advisory."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from avr.model.source import SourceTree
from avr.testing import build
from avr.tools.archives import pack_targz, pack_zip

NAME = "avrtestpkg"
ADVISORY = "CVE-2099-4242"
MTIME = 315532800
HOLE = '''"""Serves files below a folder."""

import os


def resolve(root, name):
    """The path of `name` below `root`."""
    return os.path.join(root, name)


def size(names):
    return len(names)
'''
MENDED = HOLE.replace(
    "    return os.path.join(root, name)\n",
    '    path = os.path.normpath(os.path.join(root, name))\n    if not path.startswith(root + "/"):\n'
    "        raise ValueError(name)\n    return path\n",
)
TESTS = f"""from {NAME} import resolve, size


def test_resolve():
    assert "/srv/a" == resolve("/srv", "a")


def test_size():
    assert 2 == size(["a", "b"])
"""
NEW_TEST = """

def test_resolve_refuses_parent():
    import pytest

    with pytest.raises(ValueError):
        resolve("/srv", "../etc/passwd")
"""
SETUP = "from setuptools import setup\n\nsetup(name={name!r}, version={version!r}, packages=[{name!r}])\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where everything is, and the environment in which `avr` sees it."""

    folder: Path
    environment: dict[str, str]

    @property
    def requirements(self) -> Path:
        """The user's pinned file."""
        return self.folder / "requirements.txt"

    @property
    def output(self) -> Path:
        """The output folder."""
        return self.folder / "avr-out"

    def avr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would."""
        return subprocess.run(
            [sys.executable, "-m", "avr", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def tree(version: str, *, mended: bool) -> dict[str, str]:
    """The files of one release."""
    return {
        "setup.py": SETUP.format(name=NAME, version=version),
        "setup.cfg": "[egg_info]\ntag_build = \ntag_date = 0\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n",
        "LICENSE": "MIT\n",
        f"{NAME}/__init__.py": MENDED if mended else HOLE,
        "tests/test_resolve.py": TESTS + (NEW_TEST if mended else ""),
    }


def make(folder: Path, cache: Path) -> World:
    """Lay the world down in an empty folder; `cache` may be shared, everything in it goes by digest."""
    index = folder / "index"
    index.mkdir(parents=True)
    _release(index, "1.0", mended=False)
    _release(index, "1.1", mended=True)
    commit = _upstream(folder / "mirror" / f"someone+{NAME}")
    record = folder / "advisory.json"
    record.write_text(json.dumps(_advisory(commit)))
    requirements = folder / "requirements.txt"
    requirements.write_bytes(f"# pinned\r\n{NAME}==1.0  # the one with the hole\r\n".encode())
    environment = {
        **os.environ,
        "AVR_HOME": str(folder / "home"),
        "AVR_CACHE": str(cache),
        "AVR_GIT_MIRROR": str(folder / "mirror"),
        "AVR_JOBS": "1",
        "PIP_FIND_LINKS": str(index),
    }
    return World(folder=folder, environment=environment)


def _release(index: Path, version: str, *, mended: bool) -> None:
    files: SourceTree = build.tree(tree(version, mended=mended))
    top = f"{NAME}-{version}"
    (index / f"{top}.tar.gz").write_bytes(pack_targz(files, top, MTIME))
    info = f"{top}.dist-info"
    wheel = {
        f"{NAME}/__init__.py": files.files[f"{NAME}/__init__.py"],
        f"{info}/METADATA": files.files["PKG-INFO"],
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_record_digest(data)},{len(data)}\n" for path, data in wheel.items())
    record += f"{info}/RECORD,,\n"
    (index / f"{top}-py3-none-any.whl").write_bytes(pack_zip({**wheel, f"{info}/RECORD": record.encode()}, MTIME))


def _record_digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _upstream(repository: Path) -> str:
    repository.mkdir(parents=True)
    _git(repository, "init", "--quiet", "--initial-branch=main")
    for version, mended in (("1.0", False), ("1.1", True)):
        for path, text in tree(version, mended=mended).items():
            target = repository / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        _git(repository, "add", ".")
        _git(repository, "commit", "--quiet", "-m", f"Refuse names outside the root ({version})")
        _git(repository, "tag", f"v{version}")
    return _git(repository, "rev-parse", "HEAD").strip()


def _git(repository: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Someone", "-c", "user.email=someone@example.invalid"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=repository, capture_output=True, text=True, check=True
    ).stdout


def _advisory(commit: str) -> dict[str, object]:
    return {
        "schema_version": "1.6.0",
        "id": "GHSA-test-test-test",
        "aliases": [ADVISORY],
        "modified": "2026-01-01T00:00:00Z",
        "summary": "Path traversal",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": NAME},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
            }
        ],
        "references": [{"type": "FIX", "url": f"https://github.com/someone/{NAME}/commit/{commit}"}],
    }
