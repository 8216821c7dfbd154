"""Environments of dependencies: wheels unpacked once, kept by digest and shown read-only inside the sandbox.

Inside, the interpreter is at `/opt/python` and the environment at `/opt/env`, so that logs and compiled files are the
same on every machine. An environment is a virtual environment (PEP 405) without any installer, made by hand because
its paths are those of the sandbox. Python 2.7 knows no PEP 405: a `sitecustomize` adds the packages instead.
"""

import configparser
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.uv import Uv
from avr.errors import AvrError
from avr.tools import sandbox
from avr.tools.sandbox import Command, Mount

PYTHON = "/opt/python"
ENV = "/opt/env"
_SITECUSTOMIZE = "import site, sys\nsite.addsitedir('{packages}')\n"
_OPENSSL = (
    "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = old\n"
    "[old]\nMinProtocol = None\nCipherString = DEFAULT:@SECLEVEL=0\n"
)
"""What OpenSSL allowed before version 3 and Debian 10: suites of that time bring keys and protocols of that time."""
_SCRIPT = "#!{python}\nimport sys\nfrom {module} import {head}\nif __name__ == '__main__':\n    sys.exit({call}())\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An interpreter with unpacked dependencies; `lock` are the pinned lines it was made of."""

    interpreter: Interpreter
    folder: Path
    lock: tuple[str, ...] = ()

    @property
    def python(self) -> str:
        """The interpreter's path inside the sandbox."""
        return inner_python(self.interpreter) if self.interpreter.minor < (3, 3) else f"{ENV}/bin/python"

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a command needs to see to use this environment."""
        return (*interpreter_mounts(self.interpreter), Mount(source=self.folder, target=ENV))

    @property
    def names(self) -> frozenset[str]:
        """Normalised names of the packages in it."""
        return frozenset(line.split("==")[0].split("[")[0].strip() for line in self.lock if "==" in line)

    def variables(self, paths: Iterable[str] = ()) -> dict[str, str]:
        """The environment variables of a run; `paths` are searched for modules before the dependencies."""
        old = [f"{ENV}/boot"] if self.interpreter.minor < (3, 3) else []
        variables = {
            "PATH": f"{ENV}/bin:{PYTHON}/bin:/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join([*paths, *old]),
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PYTHONIOENCODING": "utf-8",
            "VIRTUAL_ENV": ENV,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "USER": "sandbox",
            "LOGNAME": "sandbox",
        }
        if self.interpreter.minor < (3, 10):
            variables["OPENSSL_CONF"] = f"{ENV}/openssl.cnf"
        if self.interpreter.shared and self.interpreter.prefix != Path("/usr"):
            variables["LD_LIBRARY_PATH"] = (
                f"{PYTHON}/lib"  # else a build for another place finds the system's libpython
            )
        return variables


def inner_python(interpreter: Interpreter) -> str:
    """The interpreter's own path inside the sandbox."""
    if interpreter.prefix == Path("/usr"):
        return str(interpreter.executable)
    return f"{PYTHON}/{interpreter.executable.relative_to(interpreter.prefix)}"


def interpreter_mounts(interpreter: Interpreter) -> tuple[Mount, ...]:
    """The interpreter's prefix at its place inside; the system's own is there already."""
    return () if interpreter.prefix == Path("/usr") else (Mount(source=interpreter.prefix, target=PYTHON),)


def make(lock: tuple[str, ...], interpreter: Interpreter, *, uv: Uv, cache: Path, wheels: Path | None) -> Environment:
    """The environment for a lock: from the cache where it was made before, else unpacked and compiled.

    Raises `AvrError` `bench.install`, `registry.unreachable`, `store.disk-full` or `sandbox.*`.
    """
    key = json.dumps(["2", str(interpreter.executable), interpreter.version, sorted(lock)])
    folder = cache / hashlib.sha256(key.encode()).hexdigest()
    if not folder.is_dir():
        _fill(folder, lock, interpreter, uv, wheels)
    return Environment(interpreter=interpreter, folder=folder, lock=lock)


def write_scripts(folder: Path, scripts: Mapping[str, str], python: str) -> None:
    """Console scripts for entry points `module:name`; others are left out."""
    for name, target in scripts.items():
        module, _, attribute = target.split("[")[0].strip().partition(":")
        plain = all(each.isidentifier() for each in (*module.split("."), *attribute.split(".")))
        if plain and name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            head = attribute.split(".")[0]
            text = _SCRIPT.format(python=python, module=module, head=head, call=attribute)
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)


def console_scripts(entry_points: str) -> dict[str, str]:
    """The console scripts of an `entry_points.txt`."""
    config = configparser.RawConfigParser(strict=False, delimiters=("=",))
    config.optionxform = str  # type: ignore[assignment,method-assign]  # documented way to keep the case of names
    try:
        config.read_string(entry_points)
    except configparser.Error:
        return {}
    return dict(config.items("console_scripts")) if config.has_section("console_scripts") else {}


def _fill(folder: Path, lock: tuple[str, ...], interpreter: Interpreter, uv: Uv, wheels: Path | None) -> None:
    from avr.tools.blobs import disk_errors

    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
        try:
            part.chmod(0o755)
            packages = part / _packages(interpreter)
            packages.mkdir(parents=True)
            if lock:
                uv.unpack(lock, interpreter, packages, wheels=wheels)
            _furnish(part, packages, interpreter)
            _compile(part, interpreter)
            part.rename(folder)
        except OSError:
            if not folder.is_dir():  # somebody else was faster otherwise
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _packages(interpreter: Interpreter) -> str:
    return "lib/python{}.{}/site-packages".format(*interpreter.minor)


def _furnish(root: Path, packages: Path, interpreter: Interpreter) -> None:
    """What makes a folder of packages a virtual environment: a marker, a link to the interpreter, console scripts."""
    shutil.rmtree(packages / "bin", ignore_errors=True)  # these name the interpreter's path outside
    scripts = root / "bin"
    scripts.mkdir()
    python = inner_python(interpreter)
    for name in ("python", f"python{interpreter.minor[0]}", "python{}.{}".format(*interpreter.minor)):
        (scripts / name).symlink_to(python)
    home = python.rpartition("/")[0]
    version = ".".join(map(str, interpreter.version))
    text = f"home = {home}\ninclude-system-site-packages = false\nversion = {version}\n"
    (root / "pyvenv.cfg").write_text(text, encoding="utf-8")
    (root / "openssl.cnf").write_text(_OPENSSL, encoding="utf-8")
    boot = root / "boot"
    boot.mkdir()
    custom = _SITECUSTOMIZE.format(packages=f"{ENV}/{_packages(interpreter)}")
    (boot / "sitecustomize.py").write_text(custom, encoding="utf-8")
    for path in sorted(packages.glob("*.dist-info/entry_points.txt")):
        names = console_scripts(path.read_text(encoding="utf-8", errors="replace"))
        write_scripts(scripts, names, python if interpreter.minor < (3, 3) else f"{ENV}/bin/python")


def _compile(root: Path, interpreter: Interpreter) -> None:
    """Compile all modules once, in the sandbox since the compiler reads what is not ours."""
    command = Command(
        argv=(inner_python(interpreter), "-E", "-s", "-S", "-m", "compileall", "-q", f"{ENV}/lib"),
        mounts=(*interpreter_mounts(interpreter), Mount(source=root, target=ENV, writable=True)),
        env={"LD_LIBRARY_PATH": f"{PYTHON}/lib"},
        seconds=600,
        disk=2 << 30,
    )
    done = sandbox.run(command)
    if done.problem:
        why = f"compiling the dependencies ended by {done.problem}"
        raise AvrError("bench.install", why, hint="the package may be hostile or very large")
    _take_back(root)


def _take_back(root: Path) -> None:
    """Make the folder ours again after it was given to the sandbox's user."""
    if os.geteuid() == 0:
        os.chown(root, 0, 0)
        for _, folders, files, handle in os.fwalk(root, follow_symlinks=False):
            for name in (*folders, *files):
                os.chown(name, 0, 0, dir_fd=handle, follow_symlinks=False)
