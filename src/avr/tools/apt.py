"""Debian source packages through the ordinary apt client's configuration, without touching the system.

The user's package sources are copied with source packages switched on; lists, cache and downloads are our own. apt
itself checks the signatures.
"""

import fcntl
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from avr.errors import AvrError

_FRESH_SECONDS = 24 * 3600
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_VERSION = re.compile(r"[A-Za-z0-9.+:~-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apt:
    """Access to Debian source packages; `cache` holds everything, `seconds` bounds each call of apt."""

    cache: Path
    seconds: float = 30
    etc: Path = Path("/etc/apt")

    def source(self, names: Iterable[str]) -> tuple[str, str, tuple[Path, ...]] | None:
        """Name, version and files of the first source package that exists; None where none does.

        The archive with the patches is always among the files, the original archive where the mirror still has it.

        Raises `AvrError` `apt.missing`, `apt.not-configured` or `apt.failed`.
        """
        if shutil.which("apt-get") is None:
            raise AvrError("apt.missing", "there is no apt here", hint="Debian's patches are left out")
        folder = self.cache / "apt"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._update(folder)
            for name in names:
                for version in self._versions(folder, name):
                    files = self._fetch(folder, name, version)
                    if files:
                        return name, version, files
        return None

    def _update(self, folder: Path) -> None:
        stamp = folder / "updated"
        if stamp.exists() and time.time() - stamp.stat().st_mtime < _FRESH_SECONDS:
            return
        sources = "\n\n".join(_source_entries(self.etc))
        if not sources:
            raise AvrError(
                "apt.not-configured", "apt has no Debian package sources", hint="Debian's patches are left out"
            )
        (folder / "avr.sources").write_text(sources, encoding="utf-8")
        (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (folder / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        self._run(folder, "apt-get", "update")
        if not any((folder / "lists").glob("*_Sources*")):
            raise AvrError("apt.failed", "apt could not fetch lists of source packages", hint="run 'apt-get update'")
        stamp.touch()

    def _versions(self, folder: Path, name: str) -> list[str]:
        """Versions of a source package, newest first."""
        if not _NAME.fullmatch(name):
            return []
        done = self._run(folder, "apt-cache", "showsrc", "--only-source", name)
        found = re.findall(r"^Version: (\S+)$", done.stdout, re.MULTILINE)
        return [version for version in reversed(dict.fromkeys(found)) if _VERSION.fullmatch(version)]

    def _fetch(self, folder: Path, name: str, version: str) -> tuple[Path, ...]:
        place = folder / "sources" / f"{name}_{version.replace(':', '%3a')}"
        if not place.is_dir():
            part = place.with_name(f"{place.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            wanted = f"{name}={version}"
            self._run(folder, "apt-get", "source", "--download-only", "--only-source", wanted, cwd=part)
            if not any(part.glob("*.debian.tar.*")):  # the original archive may be had elsewhere, the patches not
                shutil.rmtree(part)
                return ()
            part.rename(place)
        return tuple(sorted(path for path in place.iterdir() if path.is_file() and not path.is_symlink()))

    def _run(
        self, folder: Path, program: str, *arguments: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        options = {
            "Dir::Etc::SourceList": folder / "avr.sources",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": folder / "lists",
            "Dir::Cache": folder,
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": "10",
            "Acquire::Retries": "1",
        }
        command = [program, *(part for key, value in options.items() for part in ("-o", f"{key}={value}")), *arguments]
        try:
            return subprocess.run(
                command, cwd=cwd, capture_output=True, text=True, errors="replace", timeout=self.seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise AvrError(
                "apt.failed", f"{program} took longer than {self.seconds:g} s", hint="Debian's patches are left out"
            ) from error


def _source_entries(etc: Path) -> Iterator[str]:
    """The configured package sources as source-package entries in deb822 form."""
    for path in sorted((etc / "sources.list", *(etc / "sources.list.d").glob("*"))):
        if not path.is_file() or path.suffix not in {".list", ".sources"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        yield from _from_lines(text) if path.suffix == ".list" else _from_stanzas(text)


def _from_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        match = re.fullmatch(
            r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<parts>.*)", line
        )
        if match:
            signed = re.search(r"signed-by=(\S+)", match["options"] or "")
            by = f"\nSigned-By: {signed[1]}" if signed else ""
            yield f"Types: deb-src\nURIs: {match['uri']}\nSuites: {match['suite']}\nComponents: {match['parts']}{by}"


def _from_stanzas(text: str) -> Iterator[str]:
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if line.strip() and not line.startswith("#")]
        if any(re.match(r"Types:.*\bdeb\b", line) for line in lines) and "Enabled: no" not in lines:
            yield "\n".join("Types: deb-src" if line.startswith("Types:") else line for line in lines)
