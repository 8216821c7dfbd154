"""The package indexes that the ordinary clients of this machine, pip and uv, are configured to use.

Read are pip's and uv's environment variables and configuration files in their documented places
(https://pip.pypa.io/en/stable/topics/configuration/, https://docs.astral.sh/uv/concepts/configuration-files/).
`trusted-host` and other ways to switch off checks are not followed. Passwords stay inside `IndexConfig`: what is
logged or written into artifacts goes through `avr.tools.http.redact` first.
"""

import configparser
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avr.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexConfig:
    """Index URLs in order of preference, folders or pages of files, and how to connect; `timeout` in seconds."""

    urls: tuple[str, ...] = field(repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    certificate: str | None = None
    client_certificate: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 30.0

    def uv_environment(self) -> dict[str, str]:
        """The same configuration as environment variables of uv, which does not read pip's own."""
        wanted = {
            "UV_DEFAULT_INDEX": self.urls[0] if self.urls else "",
            "UV_INDEX": " ".join(self.urls[1:]),
            "UV_FIND_LINKS": ",".join(self.find_links),
            "SSL_CERT_FILE": self.certificate or "",
            "UV_HTTP_TIMEOUT": str(int(self.timeout)),
            "ALL_PROXY": self.proxy or "",
            "UV_NO_INDEX": "" if self.urls else "1",
        }
        return {name: value for name, value in wanted.items() if value}


def load(environ: Mapping[str, str] = os.environ, files: Iterable[Path] | None = None) -> IndexConfig:
    """The configuration in force: uv's variables, then pip's, then uv's files, then pip's, then the public index.

    `files` replaces the usual places (pip's in INI, uv's in TOML). Raises `UsageError` `config.index` for a file
    that cannot be read as such.
    """
    places = list(_places(environ) if files is None else files)
    pip = _pip_files([each for each in places if each.suffix != ".toml"]) | _pip_environment(environ)
    uv = _uv_files([each for each in places if each.suffix == ".toml"]) | _uv_environment(environ)
    first = uv.get("index-url") or pip.get("index-url") or [_public()]
    extra = uv.get("extra-index-url", []) + pip.get("extra-index-url", [])
    no_index = any(each.get("no-index", [""])[0].lower() in {"1", "true", "yes", "on"} for each in (pip, uv))
    timeout = (pip.get("timeout") or pip.get("default-timeout") or ["30"])[0]
    return IndexConfig(
        urls=() if no_index else tuple(dict.fromkeys(first + extra)),
        find_links=tuple(dict.fromkeys(uv.get("find-links", []) + pip.get("find-links", []))),
        certificate=(pip.get("cert") or [environ.get("SSL_CERT_FILE", "")])[0] or None,
        client_certificate=(pip.get("client-cert") or [environ.get("SSL_CLIENT_CERT", "")])[0] or None,
        proxy=(pip.get("proxy") or [""])[0] or None,
        timeout=float(timeout) if timeout.replace(".", "", 1).isdigit() else 30.0,
    )


def _public() -> str:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return PYPI_SIMPLE_ENDPOINT


def _places(environ: Mapping[str, str]) -> list[Path]:
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    shared = [Path(each) for each in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")]
    uv = [Path("/etc/uv/uv.toml"), *(each / "uv/uv.toml" for each in shared), user / "uv/uv.toml"]
    if chosen := environ.get("UV_CONFIG_FILE"):
        uv = [Path(chosen)]
    pip = [*(each / "pip/pip.conf" for each in shared), Path("/etc/pip.conf")]
    pip += [home / ".pip/pip.conf", user / "pip/pip.conf", Path(sys.prefix) / "pip.conf"]
    if chosen := environ.get("PIP_CONFIG_FILE"):
        pip = [] if chosen == os.devnull else [*pip, Path(chosen)]
    return [*uv, *pip]


def _pip_environment(environ: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        name.removeprefix("PIP_").lower().replace("_", "-"): value.split()
        for name, value in environ.items()
        if name.startswith("PIP_") and value.split()
    }


def _pip_files(places: Iterable[Path]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in places:
        parser = configparser.RawConfigParser()
        if text := _text(place):
            try:
                parser.read_string(text)
            except configparser.Error as error:
                raise _unreadable(place, "an INI file") from error
        for section in ("global", "download", "install"):
            if parser.has_section(section):
                found |= {name.replace("_", "-"): value.split() for name, value in parser.items(section)}
    return {name: values for name, values in found.items() if values}


def _uv_environment(environ: Mapping[str, str]) -> dict[str, list[str]]:
    first = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL", "")
    extra = f"{environ.get('UV_INDEX', '')} {environ.get('UV_EXTRA_INDEX_URL', '')}"
    found = {
        "index-url": [_unnamed(each) for each in first.split()],
        "extra-index-url": [_unnamed(each) for each in extra.split()],
        "find-links": [each for each in environ.get("UV_FIND_LINKS", "").replace(",", " ").split() if each],
        "no-index": environ.get("UV_NO_INDEX", "").split(),
    }
    return {name: values for name, values in found.items() if values}


def _uv_files(places: Iterable[Path]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in places:
        if text := _text(place):
            try:
                found |= _uv_settings(tomllib.loads(text))
            except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
                raise _unreadable(place, "a TOML file of uv") from error
    return {name: values for name, values in found.items() if values}


def _uv_settings(data: Mapping[str, Any]) -> dict[str, list[str]]:
    settings = {**data, **data.get("pip", {})}
    indexes = [each for each in settings.get("index", []) if isinstance(each.get("url"), str)]
    default = [each["url"] for each in indexes if each.get("default")] or [settings.get("index-url", "")]
    extra = [each["url"] for each in indexes if not each.get("default")] + settings.get("extra-index-url", [])
    return {
        "index-url": [each for each in default if each],
        "extra-index-url": extra,
        "find-links": list(settings.get("find-links", [])),
        "no-index": ["1"] if settings.get("no-index") else [],
    }


def _unnamed(index: str) -> str:
    """The URL of uv's `name=url` form; a plain URL stays as it is."""
    name, equals, url = index.partition("=")
    return url if equals and "/" not in name and "://" in url else index


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(place, "text") from error


def _unreadable(place: Path, form: str) -> UsageError:
    hint = "correct it, or point PIP_CONFIG_FILE or UV_CONFIG_FILE elsewhere"
    return UsageError("config.index", f"{str(place)!r} cannot be read as {form}", hint=hint)
