"""What npm is configured for on a machine, as npm itself resolves it, and who gets a login."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from avr.ecosystems.npm.npm_config import NpmConfig, load
from avr.errors import AvrError, UsageError

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: there is nothing to ask")

MARK = "npm_0123456789secret"


def loaded(folder: Path, user: str = "", project: str = "", more: Mapping[str, str] | None = None) -> NpmConfig:
    """The configuration with these files and a bare environment."""
    (folder / "project").mkdir()
    (folder / "user").write_text(user)
    (folder / "project" / "package.json").write_text("{}")
    if project:
        (folder / "project" / ".npmrc").write_text(project)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "npm_config_userconfig": str(folder / "user")}
    return load({**environ, **(more or {})}, folder / "project")


def sent(config: NpmConfig, url: str) -> str | None:
    """The Authorization header of a request."""
    auth = config.connection().auth
    assert auth is not None
    return auth(requests.Request("GET", url).prepare()).headers.get("Authorization")


def test_registries_scopes_and_connection_are_npms(tmp_path: Path) -> None:
    """The project's file comes before the user's, and scopes have registries of their own."""
    user = "registry=http://user.invalid/npm/\n@one:registry=https://one.invalid/x\nfetch-timeout=5000\ncafile=/a.pem\n"
    config = loaded(tmp_path, user + "https-proxy=http://proxy.invalid:8080\n", "registry=http://project.invalid/\n")
    assert "http://project.invalid" == config.registry_of("lodash")
    assert "https://one.invalid/x" == config.registry_of("@one/thing")
    assert "http://project.invalid" == config.registry_of("@two/thing")
    assert ("/a.pem", 5.0) == (config.certificate, config.timeout)
    assert "http://proxy.invalid:8080" == config.proxies["https"]
    assert tmp_path / "project" / ".npmrc" == config.project


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """As for npm itself."""
    more = {"npm_config_registry": "http://environment.invalid/"}
    assert "http://environment.invalid" == loaded(tmp_path, "registry=http://a.invalid/\n", "", more).registry_of("x")


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (f"//host.invalid/npm/:_authToken={MARK}", f"Bearer {MARK}"),
        ("//host.invalid/npm/:_authToken=${TOKEN}", f"Bearer {MARK}"),
        ('//host.invalid/npm/:_authToken = "${TOKEN}"', f"Bearer {MARK}"),
        ("//host.invalid/npm/:_authToken=${NONE?}", None),
        ("//host.invalid/npm/:_auth=dTpw", "Basic dTpw"),
        ("//host.invalid/npm/:username=u\n//host.invalid/npm/:_password=cA==", "Basic dTpw"),
        (f"//other.invalid/npm/:_authToken={MARK}", None),
        (f"//host.invalid/npm/other/:_authToken={MARK}", None),
    ],
)
def test_a_login_is_for_its_own_place_alone(tmp_path: Path, lines: str, header: str | None) -> None:
    """Tokens, whole logins and passwords of files, with variables of the environment."""
    config = loaded(tmp_path, lines + "\n", more={"TOKEN": MARK})
    assert header == sent(config, "https://host.invalid/npm/@scope%2fthing")
    assert sent(config, "https://elsewhere.invalid/npm/x") is None
    assert sent(config, "https://host.invalid:8443/npm/x") is None


def test_a_login_may_stand_in_the_environment(tmp_path: Path) -> None:
    """As `npm_config_//host/:_authToken`."""
    config = loaded(tmp_path, more={"npm_config_//host.invalid/:_authToken": MARK})
    assert f"Bearer {MARK}" == sent(config, "https://host.invalid/a/b")


def test_nothing_secret_is_printed(tmp_path: Path) -> None:
    """Logs and messages show a configuration without its logins."""
    config = loaded(tmp_path, f"//host.invalid/:_authToken={MARK}\nproxy=http://u:{MARK}@proxy.invalid/\n")
    assert MARK in str(dict(config.logins))
    assert MARK not in repr(config)
    assert MARK not in repr(config.connection())


def test_a_registry_that_is_no_url_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, "@one:registry=nowhere\n")
    assert ("config.npm", True) == (caught.value.code, "nowhere" in caught.value.message)


def test_a_missing_npm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AvrError) as caught:
        load({}, tmp_path)
    assert "npm.missing" == caught.value.code


def test_a_password_that_is_no_base64_is_no_login(tmp_path: Path) -> None:
    """Nothing is sent rather than something wrong."""
    config = loaded(tmp_path, "//host.invalid/:username=u\n//host.invalid/:_password=%%%\n")
    assert sent(config, "https://host.invalid/") is None
