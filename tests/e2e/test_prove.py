"""The capsule of a fix as a stranger meets it: another home, another cache, nothing but the one file."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from avr.errors import ExitCode
from avr.stages.deliver import capsule as writing
from avr.stages.deliver import layout
from avr.tools.archives import unpack
from avr.tools.signing import load_key
from tests.e2e.world import NAME, World, make

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

FILE = f"{NAME}-1.0+avr.1.capsule.zip"
TEST = f"{layout.SECURITY_TESTS}/tests/test_resolve.py"


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> World:
    """Whoever fixed the package."""
    made = make(tmp_path_factory.mktemp("maker"), shared_cache)
    assert made.avr("feed", "import", "advisory.json").returncode == ExitCode.OK
    done = made.avr("fix", "requirements.txt", "--dry-run")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    return made


@pytest.fixture
def stranger(maker: World, tmp_path: Path) -> World:
    """Somebody with the capsule, an index, and nothing else."""
    shutil.copy(maker.output / f"{NAME}-1.0+avr.1" / FILE, tmp_path)
    own = {"AVR_HOME": str(tmp_path / "home"), "AVR_CACHE": str(tmp_path / "cache"), "AVR_GIT_MIRROR": ""}
    return replace(maker, folder=tmp_path, environment={**maker.environment, **own})


def _forged(maker: World, stranger: World, changes: Mapping[str, bytes]) -> None:
    """A capsule whose holder of the right key put something else into it."""
    members = {**unpack(stranger.folder / FILE).files, **changes}
    members.pop(layout.CAPSULE_ENVELOPE)
    key = load_key(maker.folder / "home")
    (stranger.folder / FILE).write_bytes(writing.pack(members, key, {}))


def test_a_stranger_proves_it_and_then_again_without_an_index(maker: World, stranger: World) -> None:
    """Online first, then from the files that were collected, with an index that answers to nobody."""
    told = stranger.avr("prove", FILE, "--explain")
    assert (ExitCode.OK, True) == (told.returncode, f"{NAME}-1.0.tar.gz" in told.stdout)
    key = maker.output / layout.PUBLIC_KEY
    done = stranger.avr("prove", FILE, "--key", str(key), "--format", "json")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert ("proved", []) == (shown["result"], shown["warnings"])
    assert [["tests.test_resolve::test_resolve_refuses_parent"]] == [each["seen"] for each in shown["advisories"]]
    assert stranger.avr("prove", FILE, "--collect", "files").returncode == ExitCode.OK
    shutil.rmtree(stranger.folder / "cache")
    deaf = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
    alone = replace(stranger, environment={**stranger.environment, **deaf, "PIP_FIND_LINKS": ""})
    again = alone.avr("prove", FILE, "--offline", "files")
    assert again.returncode == ExitCode.OK, again.stdout + again.stderr
    assert ("unknown here" in again.stderr, f"{FILE}: proved" in again.stdout) == (True, True)


def test_a_test_that_does_not_turn_green_disproves_the_claim(maker: World, stranger: World) -> None:
    """Signed and consistent, and still not true."""
    test = unpack(stranger.folder / FILE).files[TEST].replace(b"pytest.raises(ValueError)", b"pytest.raises(KeyError)")
    _forged(maker, stranger, {TEST: test})
    done = stranger.avr("prove", FILE)
    assert (ExitCode.FINDINGS, True) == (done.returncode, "disproved" in done.stdout), done.stderr


def test_a_patch_that_mends_nothing_does_not_prove(maker: World, stranger: World) -> None:
    """A comment in place of the fix."""
    old = unpack(stranger.folder / FILE).files[layout.CAPSULE_PATCH]
    body = f"--- a/{NAME}/__init__.py\n+++ b/{NAME}/__init__.py\n@@ -1,1 +1,2 @@\n".encode()
    body += b' """Serves files below a folder."""\n+# mended\n'
    _forged(maker, stranger, {layout.CAPSULE_PATCH: old.partition(b"--- a/")[0] + body})
    done = stranger.avr("prove", FILE)
    assert (ExitCode.FINDINGS, False) == (done.returncode, f"{FILE}: proved" in done.stdout), done.stderr


def test_a_missing_interpreter_says_what_to_install(maker: World, stranger: World) -> None:
    """It cannot be run here, which is not the same as not being true."""
    lock = unpack(stranger.folder / FILE).files["pylock.toml"].decode()
    version = lock.partition('interpreter = "')[2].partition('"')[0]
    _forged(maker, stranger, {"pylock.toml": lock.replace(f'"{version}"', '"3.4.10"').encode()})
    done = stranger.avr("prove", FILE)
    assert (ExitCode.ENVIRONMENT, True) == (done.returncode, "install CPython 3.4" in done.stderr)


@pytest.mark.parametrize("member", [layout.CAPSULE_CLAIM, TEST, "pylock.toml", layout.CAPSULE_PATCH])
def test_a_flipped_byte_is_named_and_nothing_runs(stranger: World, member: str) -> None:
    """Exit code 4, by the member's name."""
    data = bytearray((stranger.folder / FILE).read_bytes())
    inside = unpack(stranger.folder / FILE).files[member]
    data[data.index(inside) + len(inside) // 2] ^= 1
    (stranger.folder / FILE).write_bytes(bytes(data))
    done = stranger.avr("prove", FILE)
    assert (ExitCode.PROOF_FAILED, True) == (done.returncode, member in done.stderr)


def test_verify_covers_the_capsule(maker: World, tmp_path: Path) -> None:
    """In the output folder it is one more file that must not change, and its proof is the one that runs again."""
    held = maker.avr("verify", str(maker.output), "--rerun")
    assert (ExitCode.OK, True) == (held.returncode, "capsule" in held.stdout), held.stdout
    copy = Path(shutil.copytree(maker.output, tmp_path / "out"))
    path = copy / f"{NAME}-1.0+avr.1" / FILE
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    done = maker.avr("verify", str(copy))
    assert (ExitCode.PROOF_FAILED, True) == (done.returncode, FILE in done.stdout)
