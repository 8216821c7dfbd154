"""The configured indexes are found where pip and uv look, and passwords stay out of sight."""

import os
from pathlib import Path

import pypi_simple
import pytest

from avr.ecosystems.pypi.index_config import IndexConfig, load
from avr.errors import UsageError
from avr.tools.http import redact

ONE, TWO, THREE = (f"https://{name}.example.invalid/simple" for name in ("one", "two", "three"))


def test_without_configuration_the_public_index_is_asked() -> None:
    """The library's own constant is the default."""
    assert load({}, []).urls == (pypi_simple.PYPI_SIMPLE_ENDPOINT,)


def test_pip_variables_are_followed() -> None:
    """Index, extra indexes, folders, certificate, proxy and time limit come from PIP_*."""
    config = load(
        {
            "PIP_INDEX_URL": ONE,
            "PIP_EXTRA_INDEX_URL": f"{TWO} {THREE}",
            "PIP_FIND_LINKS": "/wheels /more",
            "PIP_CERT": "/ca.pem",
            "PIP_PROXY": "http://proxy.example.invalid",
            "PIP_DEFAULT_TIMEOUT": "180",
        },
        [],
    )
    assert config == IndexConfig(
        urls=(ONE, TWO, THREE),
        find_links=("/wheels", "/more"),
        certificate="/ca.pem",
        proxy="http://proxy.example.invalid",
        timeout=180.0,
    )


def test_uv_variables_come_first() -> None:
    """Where both clients are configured, uv's index is asked first."""
    config = load({"PIP_INDEX_URL": TWO, "UV_DEFAULT_INDEX": ONE, "UV_INDEX": f"mine={THREE}"}, [])
    assert config.urls == (ONE, THREE)


def test_pip_files_are_read_and_variables_win(tmp_path: Path) -> None:
    """Later files and narrower sections replace earlier ones; the environment replaces them all."""
    (tmp_path / "a.conf").write_text(f"[global]\nindex-url = {ONE}\nfind-links =\n  /x\n  /y\n")
    (tmp_path / "b.conf").write_text(f"[install]\nextra-index-url = {TWO}\n")
    config = load({"PIP_INDEX_URL": THREE}, [tmp_path / "a.conf", tmp_path / "b.conf"])
    assert (config.urls, config.find_links) == ((THREE, TWO), ("/x", "/y"))


def test_uv_files_are_read(tmp_path: Path) -> None:
    """The index tables of uv.toml, the default one marked."""
    (tmp_path / "uv.toml").write_text(f'[[index]]\nurl = "{TWO}"\n[[index]]\nurl = "{ONE}"\ndefault = true\n')
    assert load({}, [tmp_path / "uv.toml"]).urls == (ONE, TWO)


def test_the_documented_places_are_looked_at(tmp_path: Path) -> None:
    """PIP_CONFIG_FILE names the file that has the last word."""
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {ONE}\n")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    assert load(environ).urls == (ONE,)


def test_the_null_device_switches_pip_files_off(tmp_path: Path) -> None:
    """PIP_CONFIG_FILE=/dev/null means no file at all, as pip has it."""
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text(f"[global]\nindex-url = {ONE}\n")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "XDG_CONFIG_DIRS": str(tmp_path)}
    assert load(environ).urls == (pypi_simple.PYPI_SIMPLE_ENDPOINT,)


def test_no_index_leaves_the_folders() -> None:
    """PIP_NO_INDEX means that only folders are used, and uv is told the same."""
    config = load({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}, [])
    assert (config.urls, config.uv_environment()["UV_NO_INDEX"]) == ((), "1")


@pytest.mark.parametrize(("name", "text"), [("pip.conf", "index-url = x"), ("uv.toml", "index = [")])
def test_a_broken_file_is_named(tmp_path: Path, name: str, text: str) -> None:
    """A configuration file that cannot be read is a usage error with its path."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=name):
        load({}, [tmp_path / name])


def test_uv_is_told_what_pip_is_configured_for() -> None:
    """The client uv does not read pip's configuration, so it is handed over in variables."""
    config = IndexConfig(urls=(ONE, TWO), find_links=("/wheels",), certificate="/ca.pem")
    assert config.uv_environment() == {
        "UV_DEFAULT_INDEX": ONE,
        "UV_INDEX": TWO,
        "UV_FIND_LINKS": "/wheels",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_HTTP_TIMEOUT": "30",
    }


@pytest.mark.parametrize(
    "url", ["https://me:secret@one.example.invalid/simple", "https://secret@one.example.invalid/simple"]
)
def test_passwords_are_never_shown(url: str) -> None:
    """Neither `redact` nor the printed configuration has them."""
    assert (redact(url), "secret" in repr(IndexConfig(urls=(url,)))) == (ONE, False)
