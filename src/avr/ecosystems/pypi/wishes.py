"""What a suite needs without saying so: plug-ins behind its fixtures and markers, packages behind missing modules."""

import re
from collections.abc import Iterable, Mapping

from packaging.utils import canonicalize_name

from avr.ecosystems.pypi import suite
from avr.model.source import SourceTree

_FIXTURES: Mapping[str, str] = {
    "mocker": "pytest-mock",
    "httpbin": "pytest-httpbin",
    "httpbin_secure": "pytest-httpbin",
    "httpserver": "pytest-httpserver",
    "requests_mock": "requests-mock",
    "responses": "responses",
    "freezer": "pytest-freezegun",
    "benchmark": "pytest-benchmark",
    "event_loop": "pytest-asyncio",
    "aiohttp_client": "pytest-aiohttp",
    "datadir": "pytest-datadir",
    "shared_datadir": "pytest-datadir",
    "file_regression": "pytest-regressions",
    "data_regression": "pytest-regressions",
    "num_regression": "pytest-regressions",
    "xprocess": "pytest-xprocess",
    "subtests": "pytest-subtests",
    "fs": "pyfakefs",
    "lazy_fixture": "pytest-lazy-fixture",
    "django_user_model": "pytest-django",
}
_MARKERS: Mapping[str, str] = {
    "asyncio": "pytest-asyncio",
    "anyio": "anyio",
    "trio": "pytest-trio",
    "django_db": "pytest-django",
    "flaky": "flaky",
    "freeze_time": "pytest-freezegun",
}
_OPTIONS: Mapping[str, str] = {
    "asyncio_mode": "pytest-asyncio",
    "django_settings_module": "pytest-django",
    "env": "pytest-env",
}
_PACKAGES: Mapping[str, str] = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "dateutil": "python-dateutil",
    "dns": "dnspython",
    "dotenv": "python-dotenv",
    "flask_sqlalchemy": "flask-sqlalchemy",
    "git": "gitpython",
    "google": "protobuf",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "memcache": "python-memcached",
    "multipart": "python-multipart",
    "nacl": "pynacl",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "pylibmc": "pylibmc",
    "serial": "pyserial",
    "socks": "pysocks",
    "win32api": "",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
PYTHON_2_ONLY = frozenset({"__builtin__", "BaseHTTPServer", "ConfigParser", "Cookie", "cookielib", "cPickle",
    "cStringIO", "HTMLParser", "htmlentitydefs", "httplib", "mimetools", "Queue", "robotparser", "sgmllib",
    "SimpleHTTPServer", "SocketServer", "StringIO", "thread", "Tkinter", "urllib2", "urlparse", "UserDict",
    "xmlrpclib"})  # fmt: skip
"""Modules of the standard library that only Python 2 has; never looked for on an index."""
_PARAMETERS = re.compile(r"def \w+\(([^()]*)\)")
_MARK = re.compile(r"(?:pytest\.)?mark\.(\w+)")
_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,60}")


def plugins(tree: SourceTree, paths: Iterable[str]) -> frozenset[str]:
    """Packages of the plug-ins whose fixtures, markers or settings the suite uses."""
    fixtures: set[str] = set()
    markers: set[str] = set()
    for path in tree:
        if path.endswith(".py") and any(path == each or path.startswith(f"{each}/") for each in paths):
            text = tree.files[path].decode("utf-8", "replace")
            for parameters in _PARAMETERS.findall(text):
                fixtures |= {each.split(":")[0].split("=")[0].strip() for each in parameters.split(",")}
            markers |= set(_MARK.findall(text))
            fixtures |= {"lazy_fixture"} if "pytest.lazy_fixture" in text else set()
            fixtures -= set(re.findall(r"fixture[^\n]*\n\s*(?:async )?def (\w+)", text))
    options = {each.lower() for each in suite.config(tree).options}
    if suite.django_settings(tree):
        options.add("django_settings_module")
    tables = ((_FIXTURES, fixtures), (_MARKERS, markers), (_OPTIONS, options))
    return frozenset(package for table, used in tables for name, package in table.items() if name in used)


def packages(missing: Iterable[str], own: frozenset[str]) -> frozenset[str]:
    """Packages that may hold missing modules; modules of the tree itself and of the suite are not looked for."""
    found = set()
    for module in missing:
        top = module.split(".")[0]
        name = _PACKAGES.get(top, module if top in {"zope", "sphinxcontrib", "backports"} else top)
        if name and top not in own | PYTHON_2_ONLY and not top.startswith("_") and _DISTRIBUTION.fullmatch(name):
            found.add(canonicalize_name(".".join(name.split(".")[:2])))
    return frozenset(found)
