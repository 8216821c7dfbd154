"""Source archives with the patched files and a version that a build of them arrives at.

The version is written where the build backend reads it, never into the code: setuptools appends `tag_build` of
setup.cfg to whatever version it finds (https://setuptools.pypa.io/en/latest/userguide/distribution.html); the others
take a static version of pyproject.toml (PEP 621).
"""

import configparser
import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

import tomlkit
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError

from avr.ecosystems.pypi.wheel import with_version
from avr.model.source import SourceTree

_STATIC_BACKENDS = (
    "poetry",
    "flit_core",
    "hatchling",
    "pdm",
    "whey",
    "trampolim",
    "uv_build",
    "mesonpy",
    "scikit_build",
)
_EGG_INFO = re.compile(r"^\[egg_info\][ \t]*\r?$", re.MULTILINE)
_TAG = re.compile(r"^tag[_-]build[ \t]*[=:][^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A source tree whose build makes `version`; `how` says where it was written, `problem` why it could not be."""

    tree: SourceTree
    how: str = ""
    problem: str = ""


def sdist_name(name: str, version: str) -> str:
    """The archive's top folder, and its file name without `.tar.gz`, by PEP 625."""
    return f"{canonicalize_name(name).replace('-', '_')}-{version}"


def stamped(tree: SourceTree, version: str, suffix: str) -> Stamped:
    """Write `version`, which ends in `suffix`, into the tree's metadata and into what its build backend reads."""
    changes: dict[str, bytes | None] = {
        path: with_version(data, version) for path, data in tree.files.items() if _is_pkg_info(path)
    }
    changed = tree.replacing(changes)
    text = _text(tree, "pyproject.toml")
    try:
        project = tomlkit.parse(text)
    except TOMLKitError as error:
        return Stamped(tree=tree, problem=f"pyproject.toml cannot be read: {error}")
    backend = str(_table(project, "build-system").get("build-backend", "setuptools.build_meta:__legacy__"))
    if backend.split(".")[0].split(":")[0] in {"setuptools", "pbr", "backend"} or _is_setuptools(tree, backend):
        return _tagged(changed, suffix)
    if not any(each in backend for each in _STATIC_BACKENDS) and "version" not in _table(project, "project"):
        return Stamped(tree=tree, problem=f"the build backend {backend!r} has no place for a version that we know")
    return _static(changed, project, version)


def _is_pkg_info(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[-1] == "PKG-INFO" and (len(parts) == 1 or parts[-2].endswith(".egg-info"))


def _is_setuptools(tree: SourceTree, backend: str) -> bool:
    """A backend inside the tree that wraps setuptools."""
    module = backend.split(":")[0].replace(".", "/") + ".py"
    return any(path.endswith(module) and b"setuptools" in data for path, data in tree.files.items())


def _tagged(tree: SourceTree, suffix: str) -> Stamped:
    text = _text(tree, "setup.cfg")
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        return Stamped(tree=tree, problem=f"setup.cfg cannot be read: {error}")
    present = parser.get("egg_info", "tag_build", fallback="").strip().strip("\"'")
    line = f"tag_build = {present}{suffix}"
    section = _EGG_INFO.search(text)
    if section is None:
        text = f"{text.rstrip()}\n\n[egg_info]\n{line}\ntag_date = 0\n".lstrip()
    else:
        head, body = text[: section.end()], text[section.end() :]
        end = re.search(r"^\[", body, re.MULTILINE)
        own, rest = (body[: end.start()], body[end.start() :]) if end else (body, "")
        own = _TAG.sub(line, own, count=1) if _TAG.search(own) else f"\n{line}{own}"
        text = head + own + rest
    return Stamped(tree=tree.replacing({"setup.cfg": text.encode()}), how="tag_build in setup.cfg")


def _static(tree: SourceTree, document: tomlkit.TOMLDocument, version: str) -> Stamped:
    project, poetry = _table(document, "project"), _table(_table(document, "tool"), "poetry")
    if not project and "version" not in poetry:
        return Stamped(tree=tree, problem="pyproject.toml has no [project] table to hold a version")
    where = []
    if project:
        project["version"] = version
        if "version" in project.get("dynamic", []):
            project["dynamic"].remove("version")
        where.append("[project]")
    if "version" in poetry:
        poetry["version"] = version
        where.append("[tool.poetry]")
    changed = tree.replacing({"pyproject.toml": tomlkit.dumps(document).encode()})
    return Stamped(tree=changed, how=f"version of {' and '.join(where)} in pyproject.toml")


def _table(document: Any, name: str) -> Any:  # noqa: ANN401 - tomlkit's items answer like dictionaries
    return cast("Any", document.get(name, {}))


def _text(tree: SourceTree, path: str) -> str:
    return io.TextIOWrapper(io.BytesIO(tree.get(path) or b""), encoding="utf-8", errors="surrogateescape").read()
