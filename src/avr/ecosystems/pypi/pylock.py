"""The lock of a proof's environment as a `pylock.toml` (PEP 751): one wheel for each dependency, by name and digest.

Paths are relative (`wheels/NAME`) and no index is named, so that the file says what was used and not where it came
from. https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from avr.ecosystems.pypi.interpreters import Interpreter
from avr.errors import AvrError, ProofError
from avr.model.capsule import Conditions, NamedFile
from avr.model.identifiers import Digest

NAME = "pylock.toml"
_FOLDER = "wheels"
_PLAIN = re.compile(r"[A-Za-z0-9_.+!-]+\.whl")
_DIGEST = re.compile(r"[0-9a-f]{64}")


Listed = Callable[[str, str], Mapping[str, str]]
"""Digests of all wheels of a package's version by file name, as the index lists them."""


def tags(interpreter: Interpreter) -> list[Tag]:
    """The wheel tags that uv takes for an interpreter on this machine, best first: for Python 2.7 the narrow ones."""
    minor = interpreter.minor
    mark = "" if minor >= (3, 8) else "m"
    own = "cp{}{}".format(*minor)
    return [*cpython_tags(minor, [f"{own}{mark}"]), *compatible_tags(minor, own)]


def choose(found: bytes, interpreter: Interpreter, built: Mapping[str, bytes], listed: Listed) -> tuple[NamedFile, ...]:
    """The wheel that the interpreter takes of each package in a `pylock.toml` of uv.

    `built` are wheels that were made here, by name. `listed` is asked where uv names no wheel: it leaves out those for
    Python 2. Raises `AvrError` `bench.install` where a package has none, and what `listed` raises.
    """
    order = {tag: at for at, tag in enumerate(tags(interpreter))}
    packages = tomllib.loads(found.decode()).get("packages", [])
    return tuple(_best(package, _wheels(package, listed), order, built) for package in packages)


def dumps(conditions: Conditions) -> bytes:
    """The lock file of some conditions; the same conditions give the same bytes."""
    from tomlkit import document, dumps, table

    lock = document()
    lock["lock-version"] = "1.0"
    lock["created-by"] = "avr-factory"
    lock["requires-python"] = "=={}.{}.*".format(*conditions.interpreter)
    lock["packages"] = [
        {
            "name": each.package,
            "version": each.version,
            "wheels": [{"path": f"{_FOLDER}/{each.filename}", "hashes": {"sha256": each.sha256}}],
        }
        for each in sorted(conditions.packages, key=lambda each: each.package)
    ]
    tool = table()
    tool["avr"] = {"interpreter": ".".join(map(str, conditions.interpreter)), "script": conditions.script}
    lock["tool"] = tool
    return dumps(lock).encode()


def loads(lock: bytes) -> Conditions:
    """The conditions of a lock file; raises `ProofError` `capsule.lock` where it is not one of ours."""
    try:
        parsed = tomllib.loads(lock.decode())
        own = parsed["tool"]["avr"]
        major, minor, micro = (int(each) for each in str(own["interpreter"]).split("."))
        packages = tuple(_named(each) for each in parsed.get("packages", []))
        return Conditions(interpreter=(major, minor, micro), packages=packages, script=_inside(str(own["script"])))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidWheelFilename, InvalidVersion) as error:
        hint = "the capsule was made by another version of avr, or by hand"
        raise ProofError("capsule.lock", f"{NAME!r} in the capsule cannot be understood: {error}", hint=hint) from error


def _named(package: Mapping[str, Any]) -> NamedFile:
    """One package with its only wheel, whose name must say the same as the entry."""
    (wheel,) = package["wheels"]
    folder, _, filename = str(wheel["path"]).rpartition("/")
    name, version = str(package["name"]), str(package["version"])
    said, numbered, *_ = parse_wheel_filename(filename)
    digest = str(wheel["hashes"]["sha256"])
    if (
        not _PLAIN.fullmatch(filename)
        or folder != _FOLDER
        or said != canonicalize_name(name)
        or numbered != Version(version)
    ):
        raise ValueError(f"{filename!r} is no wheel of {name} {version}")
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no SHA-256 digest")
    return NamedFile(package=said, version=str(numbered), filename=filename, sha256=Digest(digest))


def _inside(path: str) -> str:
    """The path of a script in the tree, where there is one; raises `ValueError` for one that leads out."""
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise ValueError(f"the script {path!r} leads out of the tree")
    return path


def _wheels(package: Mapping[str, Any], listed: Listed) -> Mapping[str, str]:
    """Digests of the package's wheels by file name."""
    named = {_file_name(wheel): str(wheel.get("hashes", {}).get("sha256", "")) for wheel in package.get("wheels", [])}
    return named or listed(package["name"], package["version"])


def _best(
    package: Mapping[str, Any], wheels: Mapping[str, str], order: Mapping[Tag, int], built: Mapping[str, bytes]
) -> NamedFile:
    if not wheels:
        raise AvrError("bench.install", f"{package.get('name')!r} has no wheel any more", hint="run it again")
    name = min(wheels, key=lambda each: (_rank(each, order), each))
    digest = hashlib.sha256(built[name]).hexdigest() if name in built else wheels[name]
    return NamedFile(
        package=canonicalize_name(package["name"]), version=package["version"], filename=name, sha256=Digest(digest)
    )


def _rank(filename: str, order: Mapping[Tag, int]) -> int:
    """How early the wheel comes among those that fit; those that only uv calls fitting come last."""
    try:
        return min((order[tag] for tag in parse_wheel_filename(filename)[3] if tag in order), default=len(order))
    except InvalidWheelFilename:
        return len(order)


def _file_name(wheel: Mapping[str, Any]) -> str:
    place = str(wheel.get("name") or wheel.get("path") or urlsplit(str(wheel.get("url", ""))).path)
    return unquote(place).rpartition("/")[2]
