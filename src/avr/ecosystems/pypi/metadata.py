"""The installed look of a pin that is run from its tree: core metadata, entry points and console scripts.

A setuptools source archive brings its `.egg-info` along and needs nothing more. For others a `.dist-info` folder is
made, so that `importlib.metadata` and entry points work (https://packaging.python.org/en/latest/specifications/).
"""

import shutil
import tempfile
from pathlib import Path

from avr.ecosystems.interface import Pin
from avr.ecosystems.pypi import environment, requirements, suite
from avr.model.source import SourceTree
from avr.tools.blobs import digest_of


def write(pin: Pin, wheel: SourceTree | None, cache: Path) -> Path:
    """A folder with the metadata and `bin/` of the pin, for the module search path; kept by the content's digest."""
    entry_points = _entry_points(pin.tree, wheel)
    files = {} if _egg_info(pin.tree) else _dist_info(pin, wheel, entry_points)
    key = digest_of(repr((sorted(files.items()), entry_points)).encode())
    folder = cache / key
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=cache, prefix=".part-"))
        _fill(part, files, entry_points)
        try:
            part.rename(folder)
        except OSError:
            shutil.rmtree(part)
            if not folder.is_dir():
                raise
    return folder


def _fill(folder: Path, files: dict[str, bytes], entry_points: str) -> None:
    folder.chmod(0o755)
    (folder / "bin").mkdir()
    environment.write_scripts(folder / "bin", environment.console_scripts(entry_points), "/usr/bin/env python")
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _dist_info(pin: Pin, wheel: SourceTree | None, entry_points: str) -> dict[str, bytes]:
    name = pin.component.name.replace("-", "_")
    top = f"{name}-{pin.component.version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {pin.component.name}\nVersion: {pin.component.version}\n".encode()
    core = _first(wheel, ".dist-info/METADATA") or pin.tree.get("PKG-INFO") or text
    files = {f"{top}/METADATA": core, f"{top}/INSTALLER": b"avr\n"}
    if entry_points:
        files[f"{top}/entry_points.txt"] = entry_points.encode()
    return files


def _egg_info(tree: SourceTree) -> bool:
    """Whether the tree carries metadata where the module search path finds it."""
    roots = {*suite.layout(tree).roots, ""}
    found = [path for path in tree if path.endswith(".egg-info/PKG-INFO")]
    return any(path.rpartition("/")[0].rpartition("/")[0] in roots for path in found)


def _entry_points(tree: SourceTree, wheel: SourceTree | None) -> str:
    built = _first(wheel, ".dist-info/entry_points.txt") or _first(tree, ".egg-info/entry_points.txt")
    return built.decode("utf-8", "replace") if built else requirements.entry_points(tree)


def _first(tree: SourceTree | None, ending: str) -> bytes | None:
    found = [path for path in tree or () if path.endswith(ending)]
    return tree.files[found[0]] if tree is not None and found else None
