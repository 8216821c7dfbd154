"""Debian source packages through apt: which sources it is told, what it is asked, and what a broken apt costs."""

import shutil
from pathlib import Path

import pytest

from avr.errors import AvrError
from avr.tools.apt import Apt

_APT_GET = """#!/bin/sh
for each in "$@"; do
  case "$each" in Dir::State::Lists=*) lists="${each#Dir::State::Lists=}";; esac
  last="$each"
done
case " $* " in
  *" update "*) echo update >> "$LOG"; touch "$lists/mirror_Sources";;
  *" source "*) echo "source $last" >> "$LOG"
    case "$last" in tiny=1.0-2) touch tiny_1.0-2.debian.tar.xz tiny_1.0.orig.tar.gz; ln -s /etc/passwd linked;; esac;;
esac
"""
_APT_CACHE = """#!/bin/sh
for each in "$@"; do last="$each"; done
if [ "$last" = tiny ]; then printf 'Package: tiny\\nVersion: 1.0-1\\n\\nPackage: tiny\\nVersion: 1.0-2\\n'; fi
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the apt programs that knows one package, and the log of what it was asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("apt-get", _APT_GET), ("apt-cache", _APT_CACHE)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    for name in ("sh", "touch", "ln"):
        (programs / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def _apt(tmp_path: Path, sources: str = "deb http://debian.example.invalid/debian stable main\n") -> Apt:
    etc = tmp_path / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "sources.list").write_text(sources)
    return Apt(cache=tmp_path / "cache", etc=etc)


def test_the_newest_version_that_can_be_had_is_fetched_once(tmp_path: Path, asked: Path) -> None:
    """Lists are updated once, a second question is answered from the folder, and links are never among the files."""
    apt = _apt(tmp_path)

    first = apt.source(["absent", "tiny"])
    second = apt.source(["tiny"])

    assert first is not None
    assert first[:2] == ("tiny", "1.0-2")
    assert [path.name for path in first[2]] == ["tiny_1.0-2.debian.tar.xz", "tiny_1.0.orig.tar.gz"]
    assert second == first
    assert asked.read_text().splitlines() == ["update", "source tiny=1.0-2"]


@pytest.mark.usefixtures("asked")
def test_an_unknown_package_is_none(tmp_path: Path) -> None:
    """So is a name that is no package name: it never becomes an argument."""
    assert _apt(tmp_path).source(["absent", "--option", "a b"]) is None


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("sources", "entry"),
    [
        ("deb http://d.example.invalid/debian stable main contrib\n", "Suites: stable"),
        ("deb [signed-by=/k.gpg] http://d.example.invalid/debian stable main\n", "Signed-By: /k.gpg"),
    ],
)
def test_the_users_own_sources_are_asked_for_source_packages(tmp_path: Path, sources: str, entry: str) -> None:
    """A line of `sources.list` becomes an entry for source packages, with its key."""
    _apt(tmp_path, sources).source(["tiny"])

    written = (tmp_path / "cache" / "apt" / "avr.sources").read_text()

    assert "Types: deb-src" in written
    assert entry in written.splitlines()


@pytest.mark.usefixtures("asked")
def test_stanzas_are_read_and_switched_off_ones_are_not(tmp_path: Path) -> None:
    """The deb822 form, as newer systems have it."""
    apt = _apt(tmp_path, "")
    folder = tmp_path / "etc" / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(
        "# comment\nTypes: deb\nURIs: http://one.example.invalid/\nSuites: stable\n\n"
        "Types: deb\nEnabled: no\nURIs: http://two.example.invalid/\nSuites: stable\n"
    )

    apt.source(["tiny"])

    written = (tmp_path / "cache" / "apt" / "avr.sources").read_text()
    assert written == "Types: deb-src\nURIs: http://one.example.invalid/\nSuites: stable"


@pytest.mark.usefixtures("asked")
def test_no_sources_are_told(tmp_path: Path) -> None:
    """Without package sources there is a clear code and nothing is asked."""
    with pytest.raises(AvrError) as caught:
        _apt(tmp_path, "").source(["tiny"])

    assert caught.value.code == "apt.not-configured"


def test_a_machine_without_apt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems do without Debian's patches."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AvrError) as caught:
        Apt(cache=tmp_path).source(["tiny"])

    assert caught.value.code == "apt.missing"
