"""Runs the git program with nothing of the surroundings: no hooks, helpers or prompts, bounded time and output."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO

from avr.errors import AvrError

_SETTINGS = (
    ("protocol.ext.allow", "never"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("log.showSignature", "false"),
    ("log.follow", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("safe.directory", "*"),
)
_KEPT = ("PATH", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")
_KEPT_FOR_NETWORK = ("HOME", "XDG_CONFIG_HOME", "GIT_SSL_CAINFO", "GIT_PROXY_SSL_CAINFO", "CURL_CA_BUNDLE")
_MAX_OUTPUT = 512 << 20


def run(
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    seconds: float = 60,
    limit: int = _MAX_OUTPUT,
    network: bool = False,
) -> bytes:
    """The output of `git` with `arguments`; raises `AvrError` `git.failed`, `git.timeout` or `git.too-big`.

    `network` lets the user's own git configuration take part (proxies, certificates, rewritten addresses).
    """
    command = _command(arguments)
    with TemporaryFile() as feed, TemporaryFile() as errors:
        feed.write(stdin)
        feed.seek(0)
        out, code, late = _output(command, feed.fileno(), errors.fileno(), seconds, limit, _environment(network))
        errors.seek(0)
        said = errors.read(2000).decode("utf-8", "replace").strip()
    if late:
        raise AvrError("git.timeout", f"git {arguments[-1]!r} took longer than {seconds:g} s", hint="try again later")
    if len(out) > limit:
        raise AvrError("git.too-big", f"git answered with more than {limit} bytes", hint="the repository is refused")
    if code != 0:
        raise AvrError("git.failed", f"git ended with {code}: {said[-500:]!r}", hint="check the repository or mirror")
    return out


def start(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A git that is talked to over its standard input and output, without network; the caller bounds and ends it.

    Raises `AvrError` `git.missing`.
    """
    pipe, quiet, environment = subprocess.PIPE, subprocess.DEVNULL, _environment(network=False)
    try:
        return subprocess.Popen(_command(arguments), bufsize=0, stdin=pipe, stdout=pipe, stderr=quiet, env=environment)
    except FileNotFoundError as error:
        raise _missing() from error


def _command(arguments: Sequence[str]) -> list[str]:
    return ["git", *(part for key, value in _SETTINGS for part in ("-c", f"{key}={value}")), *arguments]


def _missing() -> AvrError:
    return AvrError("git.missing", "the program 'git' is not installed", hint="install the package 'git'")


def _output(
    command: Sequence[str], stdin: int, stderr: int, seconds: float, limit: int, environment: Mapping[str, str]
) -> tuple[bytes, int, bool]:
    late = threading.Event()
    try:
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=environment)
    except FileNotFoundError as error:
        raise _missing() from error

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    with process:
        assert process.stdout is not None
        try:
            out = _read(process.stdout, limit + 1)
            if len(out) > limit:
                process.kill()
            code = process.wait()
        finally:
            timer.cancel()
    return out, code, late.is_set()


def _read(stream: IO[bytes], limit: int) -> bytes:
    """At most `limit` bytes, asked for in small pieces: a big read would reserve all of its memory at once."""
    out = bytearray()
    while len(out) < limit and (piece := stream.read(min(1 << 20, limit - len(out)))):
        out += piece
    return bytes(out)


def _environment(network: bool) -> dict[str, str]:
    kept = _KEPT + (_KEPT_FOR_NETWORK if network else ())
    hermetic = {} if network else {"GIT_CONFIG_GLOBAL": os.devnull}
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **hermetic,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file" if network else "none",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }
