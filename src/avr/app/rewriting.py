"""Makes the target itself use the patched releases, where it is a requirements file or npm's lock file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avr.app.wiring import Parts
from avr.config import Settings
from avr.ecosystems.pypi import index_config
from avr.errors import AvrError
from avr.model.component import Inventory
from avr.model.identifiers import EcosystemName
from avr.model.release import Release
from avr.model.report import Report
from avr.stages.deliver import layout, lockfile
from avr.stages.deliver.ledger import Ledger
from avr.stages.deliver.requirements import Rewrite, redirect, registry_hashes, replacements
from avr.stages.deliver.resolve import uv_resolver
from avr.tools.unified import unified

DIFF = "requirements.patch"
LOCK_DIFF = "lock.patch"
"""In the output folder: what was, or would be, changed in the user's files."""

_PASSED_ON = ("PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "NO_PROXY", "HTTPS_PROXY", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """Remarks for the person, and files for the output folder."""

    notes: tuple[str, ...] = ()
    copies: Mapping[str, bytes]


def rewrite_target(
    report: Report, inventory: Inventory, output: Path, parts: Parts, settings: Settings, *, held: str
) -> Rewriting:
    """Replace the user's files through the ledger, or only say what would be replaced where `held` gives a reason.

    The files stay as they are where nothing was fixed, and where anything about the rewriting goes wrong.
    """
    target = Path(inventory.target)
    releases = [each.release for each in report.components if each.release is not None]
    if not releases or not target.is_file():
        return Rewriting(copies={})
    is_lock = target.suffix == ".json"
    try:
        found = (
            lockfile.redirect(target, releases, output) if is_lock else _requirements(target, releases, output, parts)
        )
    except AvrError as error:
        return Rewriting(notes=(f"{inventory.target} was left as it is: {error}",), copies={})
    name = LOCK_DIFF if is_lock else DIFF
    copies = {name: b"".join(_diff(path, data) for path, data in sorted(found.contents.items()))}
    if held or not found.contents:
        left = f"{held}: {inventory.target} was left as it is; see {output / name}"
        return Rewriting(notes=(*found.notes, left) if found.contents else found.notes, copies=copies)
    changed = Ledger(settings.home / "ledger").replace(found.contents)
    notes = tuple(f"rewritten: {path} (avr undo restores it)" for path in changed)
    return Rewriting(notes=(*found.notes, *notes), copies=copies)


def _requirements(target: Path, releases: Sequence[Release], output: Path, parts: Parts) -> Rewrite:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    resolve = uv_resolver({**environment, **index_config.load().uv_environment()})
    registry = parts.kit(EcosystemName.PYPI).ecosystem.registry
    return redirect(target, replacements(releases), output / layout.WHEELS, registry_hashes(registry), resolve)


def _diff(path: Path, data: bytes) -> bytes:
    return unified(path.read_bytes(), data, path.name, path.name)
