"""The registries that npm of this machine is configured to use, and how to connect to them.

npm itself is asked (`npm config list --json`): command line, environment, project, user and global files and built-in
defaults in its own order. It does not tell logins; these are read from the same files and the environment (section
"Auth related configuration" of `npm help npmrc`) and stay inside `NpmConfig`.
`strict-ssl=false` is not followed; certificates of a single registry (`:certfile`) and `ca` are not read.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from avr.errors import AvrError, UsageError
from avr.tools.http import Connection, redact_all

_HINT = "check the network and the registry that npm is configured for (npm config get registry); then run this again"
_LOGIN = re.compile(r"(//[^\s=]+?/):(_authToken|_auth|username|_password)\s*=\s*(.*)\Z")
_VARIABLE = re.compile(r"(?<!\\)\$\{([^${}?]+)(\?)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmConfig:
    """The default registry, those of scopes (`@scope` to URL), and how to connect; `timeout` in seconds.

    `logins` are values of the Authorization header by `//host/path/`. `project` is the project's own file, which npm
    reads only where it is run.
    """

    registry: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate: str | None = None
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 300.0
    project: Path | None = None

    def registry_of(self, package: str) -> str:
        """The registry that has `package`, without a slash at the end."""
        scope = package.partition("/")[0] if package.startswith("@") else ""
        return self.scopes.get(scope, self.registry).rstrip("/")

    def connection(self) -> Connection:
        """How to reach these registries."""
        return Connection(
            hint=_HINT,
            auth=_Logins(self.logins),
            certificate=self.certificate or True,
            proxies=self.proxies,
            timeout=self.timeout,
        )


def npm() -> str:
    """The path of npm; raises `AvrError` `npm.missing`."""
    found = shutil.which("npm")
    if found is None:
        hint = "install Node.js with npm and put both on the PATH (Debian: apt-get install nodejs npm)"
        raise AvrError("npm.missing", "npm is not on the PATH", hint=hint)
    return found


def load(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> NpmConfig:
    """The configuration in force in `folder`, by default where avr runs.

    Raises `AvrError` `npm.missing`, or `UsageError` `config.npm` for a configuration that npm cannot read.
    """
    place = folder or Path.cwd()
    told = json.loads(_asked(["config", "list", "--json"], environ, place))
    project = Path(_asked(["prefix"], environ, place).strip()) / ".npmrc"
    files = [Path(str(told[key])) for key in ("globalconfig", "userconfig") if told.get(key)]
    lines = [line for file in (*files, project) for line in _lines(file)]
    lines += [f"{name[11:]}={value}" for name, value in environ.items() if name.lower().startswith("npm_config_//")]
    return NpmConfig(
        registry=_url(told.get("registry")),
        scopes={key.partition(":")[0]: _url(value) for key, value in told.items() if _is_scope(key)},
        logins=_logins(lines, environ),
        certificate=told.get("cafile") or environ.get("NODE_EXTRA_CA_CERTS") or None,
        proxies=_proxies(told),
        timeout=max(1.0, float(told.get("fetch-timeout") or 300_000) / 1000),
        project=project if project.is_file() else None,
    )


def _asked(arguments: list[str], environ: Mapping[str, str], folder: Path) -> str:
    command = [npm(), *arguments, "--no-update-notifier", "--loglevel=error"]
    done = subprocess.run(command, env=dict(environ), cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0 or (arguments[0] == "config" and not done.stdout.startswith("{")):
        said = redact_all(done.stderr.strip())[-300:]
        message = f"npm cannot tell its configuration: {said!r}"
        raise UsageError("config.npm", message, hint="run `npm config list` and correct what it complains about")
    return done.stdout


def _url(value: object) -> str:
    text = str(value)
    if urlsplit(text).scheme not in ("http", "https"):
        raise UsageError("config.npm", f"the registry {text!r} is no URL", hint="npm config set registry https://...")
    return text


def _is_scope(key: str) -> bool:
    return key.startswith("@") and key.endswith(":registry")


def _proxies(told: Mapping[str, Any]) -> dict[str, str]:
    """Where npm names no proxy, requests follows the environment's own variables."""
    secure, plain = told.get("https-proxy") or told.get("proxy"), told.get("proxy")
    named = {"https": secure, "http": plain or secure}
    return {scheme: str(url) for scheme, url in named.items() if isinstance(url, str) and url}


def _lines(file: Path) -> Iterable[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        hint = "correct it, or name another file with npm_config_userconfig"
        raise UsageError("config.npm", f"{str(file)!r} cannot be read as text", hint=hint) from error
    return text.splitlines()


def _logins(lines: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Header values by `//host/path/`, later lines over earlier ones."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        if match := _LOGIN.match(line.strip()):
            where, kind, value = match.groups()
            found.setdefault(where, {})[kind] = _expanded(_unquoted(value.strip()), environ)
    headers = {where: _header(each) for where, each in found.items()}
    return {where: header for where, header in headers.items() if header}


def _header(login: Mapping[str, str]) -> str:
    if token := login.get("_authToken"):
        return f"Bearer {token}"
    if basic := login.get("_auth"):
        return f"Basic {basic}"
    if "username" in login and "_password" in login:
        try:
            password = base64.b64decode(login["_password"], validate=True)
        except ValueError:
            return ""
        return "Basic " + base64.b64encode(login["username"].encode() + b":" + password).decode()
    return ""


def _expanded(value: str, environ: Mapping[str, str]) -> str:
    """`${NAME}` by the environment's value as npm does it: an unknown name stays, `${NAME?}` becomes empty."""
    return _VARIABLE.sub(lambda match: environ.get(match[1], "" if match[2] else match[0]), value)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


class _Logins(AuthBase):
    """The login of the longest configured `//host/path/` that a URL lies under; no other host ever gets it."""

    def __init__(self, logins: Mapping[str, str]) -> None:
        self._logins = logins

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(request.url or "")
        segments = parts.path.split("/")[1:]
        for count in range(len(segments), -1, -1):
            where = "/".join([f"//{parts.netloc.rpartition('@')[2]}", *segments[:count]]) + "/"
            if where in self._logins:
                request.headers["Authorization"] = self._logins[where]
                break
        return request
