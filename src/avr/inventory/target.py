"""Chooses how to read what a person names on the command line."""

from pathlib import Path

from avr.errors import UsageError
from avr.model.component import Inventory

_FOREIGN = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "poetry.lock": "poetry", "uv.lock": "uv"}


def read(target: str) -> Inventory:
    """The inventory of a purl, a requirements file, npm's lock file or an installed environment, by looking at it.

    Raises `UsageError` when the target is none of them, with what is accepted.
    """
    if target.startswith("pkg:"):
        from avr.inventory import purl

        return purl.read(target)
    path = Path(target)
    try:
        if path.is_dir():
            return _environment(path)
        if path.name in _FOREIGN:
            raise _unknown(target, f"lock files of {_FOREIGN[path.name]} are not read yet")
        if path.exists():
            return _lock(path) if path.suffix == ".json" else _requirements(path)
    except (OSError, ValueError) as error:
        raise _unknown(target, str(error)) from error
    raise _unknown(target, "it does not exist")


def _environment(path: Path) -> Inventory:
    from avr.inventory import environment

    if not environment.looks_like(path):
        raise _unknown(str(path), "the folder is no Python environment")
    return environment.read(path)


def _requirements(path: Path) -> Inventory:
    from avr.inventory import requirements

    return requirements.read(path)


def _lock(path: Path) -> Inventory:
    from avr.inventory import npm_lock

    return npm_lock.read(path)


def _unknown(target: str, why: str) -> UsageError:
    return UsageError(
        "target.unknown",
        f"cannot read {target!r}: {why}",
        hint="name a requirements file, a package-lock.json, a package URL such as pkg:pypi/jinja2@2.11.2 or "
        "pkg:npm/lodash@4.17.15, a virtual environment or a site-packages folder",
    )
