"""HTTP as the package index wants it: the certificates, passwords and proxies that pip and uv are configured with."""

from urllib.parse import unquote, urlsplit

import requests
from requests.auth import AuthBase, _basic_auth_str
from requests.utils import get_netrc_auth

from avr.ecosystems.pypi.index_config import IndexConfig
from avr.tools.http import Connection, Sessions

_HINT = "check the network and the index that pip or uv is configured for (pip config list); then run this again"


def sessions(config: IndexConfig) -> Sessions:
    """Sessions that connect as `config` says."""
    return Sessions(
        Connection(
            hint=_HINT,
            auth=_IndexAuth(config),
            certificate=config.certificate or True,
            client_certificate=config.client_certificate,
            proxies={"http": config.proxy, "https": config.proxy} if config.proxy else {},
            timeout=config.timeout,
        )
    )


class _IndexAuth(AuthBase):
    """The passwords that index URLs carry, for their own hosts only; netrc for all others."""

    def __init__(self, config: IndexConfig) -> None:
        parts = [urlsplit(url) for url in (*config.urls, *config.find_links) if "@" in url]
        self._known = {
            each.netloc.rpartition("@")[2]: (unquote(each.username or ""), unquote(each.password or ""))
            for each in parts
        }

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = request.url or ""
        login = self._known.get(urlsplit(url).netloc.rpartition("@")[2]) or get_netrc_auth(url)
        if login is not None:
            request.headers["Authorization"] = _basic_auth_str(*login)
        return request
