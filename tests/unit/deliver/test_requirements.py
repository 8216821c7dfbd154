"""Whole requirements files: includes, encodings, hashes, and what pip makes of the result."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avr.errors import AvrError
from avr.stages.deliver.act import write_release
from avr.stages.deliver.ledger import Ledger
from avr.stages.deliver.requirements import Rewrite, redirect, registry_hashes, replacements
from avr.stages.deliver.resolve import uv_resolver
from avr.stages.deliver.rewrite import Replacement
from avr.testing import deliveries
from avr.testing.tiny import TinyEcosystem
from avr.tools.signing import load_key

NEW = Replacement(name="thing", pinned="1.0", version="1.0+avr.1", hashes=("sha256:aa",))


def _known(name: str, version: str) -> tuple[str, ...] | None:
    return (f"sha256:{len(name)}{len(version)}",) if name != "unknown" else None


def _nothing_more(requirements: str, constraints: str, wheels: Path) -> str:
    del constraints, wheels
    return requirements


def _redirected(folder: Path, texts: dict[str, bytes]) -> Rewrite:
    for name, data in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return redirect(folder / next(iter(texts)), [NEW], folder / "out" / "wheels", _known, _nothing_more)


def test_a_file_without_hashes_gets_them(tmp_path: Path) -> None:
    """The folder of wheels is named relative to the file."""
    made = _redirected(tmp_path, {"deep/requirements.txt": b"thing==1.0\nabc==1\n"})
    text = made.contents[tmp_path / "deep/requirements.txt"].decode()
    assert text == (
        "--find-links ../out/wheels\nthing==1.0+avr.1 \\\n    --hash=sha256:aa\nabc==1 \\\n    --hash=sha256:31\n"
    )
    assert (made.hashed, made.notes) == (True, ())


def test_a_file_with_hashes_keeps_its_other_lines(tmp_path: Path) -> None:
    """Nothing is asked of the registry or the resolver where hashes are there."""
    made = _redirected(tmp_path, {"r.txt": b"abc==1 --hash=sha256:01\nthing==1.0 --hash=sha256:02\n"})
    expected = b"--find-links out/wheels\nabc==1 --hash=sha256:01\nthing==1.0+avr.1 --hash=sha256:aa\n"
    assert made.contents == {tmp_path / "r.txt": expected}


def test_an_entry_without_known_hashes_keeps_the_file_unhashed(tmp_path: Path) -> None:
    """Pip would refuse a file with hashes for some entries only; a note says why there are none."""
    made = _redirected(tmp_path, {"r.txt": b"thing==1.0\nunknown==1\n"})
    assert made.contents == {tmp_path / "r.txt": b"--find-links out/wheels\nthing==1.0+avr.1\nunknown==1\n"}
    assert (made.hashed, made.notes) == (False, ("no hashes were added: none are known for 'unknown==1'",))


def test_included_files_are_rewritten_in_place(tmp_path: Path) -> None:
    """Each file keeps its pins; the folder of wheels is named in the root; a circle ends."""
    made = _redirected(
        tmp_path,
        {
            "r.txt": b"-r sub/base.txt\n-c pins.txt\n",
            "sub/base.txt": b"thing==1.0\n-r ../r.txt\n",
            "pins.txt": b"thing==1.0\n",
        },
    )
    assert {path.name: data for path, data in made.contents.items()} == {
        "r.txt": b"--find-links out/wheels\n-r sub/base.txt\n-c pins.txt\n",
        "base.txt": b"thing==1.0+avr.1 \\\n    --hash=sha256:aa\n-r ../r.txt\n",
        "pins.txt": b"thing==1.0+avr.1\n",
    }


@pytest.mark.parametrize(
    "data",
    [
        "# Grüße\nthing==1.0\n".encode("utf-8-sig"),
        "# -*- coding: latin-1 -*-\n# Grüße\nthing==1.0\n".encode("latin-1"),
        b"# caf\xe9, no UTF-8\r\nthing==1.0\r\n",
        "# Grüße\nthing==1.0\n".encode("utf-16"),
    ],
)
def test_the_encoding_stays(tmp_path: Path, data: bytes) -> None:
    """Without the rewritten line and the option the bytes are the same as before."""
    made = _redirected(tmp_path, {"r.txt": data})
    encoding = "utf-16-le" if data.startswith(b"\xff\xfe") else "latin-1"
    option = "--find-links out/wheels" + ("\r\n" if b"\r\n" in data else "\n")
    new = next(iter(made.contents.values()))
    removed = (option, "+avr.1", " \\\n    --hash=sha256:aa", " \\\r\n    --hash=sha256:aa")
    for text in removed:
        new = new.replace(text.encode(encoding), b"")
    assert new == data


def test_nothing_to_replace_changes_nothing(tmp_path: Path) -> None:
    """A file that pins none of the releases is not touched, not even by adding hashes."""
    (tmp_path / "r.txt").write_bytes(b"abc==1\n")
    assert redirect(tmp_path / "r.txt", [], tmp_path / "w", _known, _nothing_more).contents == {}


def test_dependencies_that_are_not_pinned_are_appended(tmp_path: Path) -> None:
    """Pip demands a hash for them, too."""

    def resolve(requirements: str, constraints: str, wheels: Path) -> str:
        del constraints, wheels
        return f"{requirements}dep==3 \\\n    --hash=sha256:03\n"

    (tmp_path / "r.txt").write_bytes(b"thing==1.0")
    made = redirect(tmp_path / "r.txt", [NEW], tmp_path / "w", _known, resolve)
    assert made.contents[tmp_path / "r.txt"].endswith(
        b"--hash=sha256:aa\n\n# dependencies that r.txt does not pin\ndep==3 \\\n    --hash=sha256:03\n"
    )


def test_what_cannot_be_resolved_stays_unhashed(tmp_path: Path) -> None:
    """The reason is told."""

    def resolve(*_: object) -> str:
        raise AvrError("requirements.unresolved", "no way", hint="x")

    (tmp_path / "r.txt").write_bytes(b"thing==1.0\n")
    made = redirect(tmp_path / "r.txt", [NEW], tmp_path / "w", _known, resolve)
    assert (made.hashed, made.notes) == (False, ("no hashes were added: no way",))
    assert made.contents[tmp_path / "r.txt"] == b"--find-links w\nthing==1.0+avr.1\n"


def test_the_registry_tells_hashes(tmp_path: Path) -> None:
    """All files of the version are named; an unknown package has none."""
    hashes = registry_hashes(TinyEcosystem(tmp_path).registry)
    assert len(hashes("thing", "1.0.0") or ()) == 2
    assert (hashes("thing", "2.0"), hashes("other", "1.0")) == (None, None)


@pytest.mark.parametrize("text", ["thing==1.0\n", "thing==1.0 --hash=sha256:" + "0" * 64 + "\n"])
def test_pip_installs_the_rewritten_file_with_hashes(tmp_path: Path, text: str) -> None:
    """`pip install --require-hashes` takes the patched wheel from the folder; no index is asked."""
    ecosystem = TinyEcosystem(tmp_path / "index")
    out = tmp_path / "my out"
    release = write_release(deliveries.delivery(ecosystem), out, load_key(tmp_path / "home"))
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    offline = {**os.environ, "UV_NO_INDEX": "1", "UV_OFFLINE": "1"}
    made = redirect(
        file, replacements([release]), out / "wheels", registry_hashes(ecosystem.registry), uv_resolver(offline)
    )
    assert made.notes == ()
    Ledger(tmp_path / "ledger").replace(made.contents)
    target = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pip = [str(tmp_path / "venv" / "bin" / "python"), "-m", "pip"]
    command = [*pip, "install", "--no-index", "--require-hashes", "--target", str(target), "-r", str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (target / "thing-1.0+avr.1.dist-info").is_dir()
