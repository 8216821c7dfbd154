"""Which sandbox is taken, and that there is never silently none."""

import os
from pathlib import Path

import pytest

from avr.errors import AvrError, UsageError
from avr.tools import sandbox
from avr.tools.sandbox import Command, podman, seccomp
from avr.tools.sandbox.choice import _PERMISSION


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no program that could make a sandbox."""
    monkeypatch.delenv("AVR_SANDBOX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, text: str) -> None:
    """Put a shell script into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("choice", ["", "auto", "bubblewrap", "container"])
def test_where_none_works_nothing_runs(bare: Path, monkeypatch: pytest.MonkeyPatch, choice: str) -> None:
    """There is no fallback: the error says what to install."""
    monkeypatch.setenv("AVR_SANDBOX", choice)
    with pytest.raises(AvrError) as caught:
        sandbox.run(Command(argv=("/usr/bin/touch", str(bare / "ran"))))
    assert "sandbox.unavailable" == caught.value.code
    assert ("install -y podman" if choice == "container" else "install -y bubblewrap") in caught.value.hint
    assert [] == list(bare.iterdir())


@pytest.mark.parametrize(
    ("choice", "name", "said"),
    [
        ("bubblewrap", "bwrap", "bwrap: No permissions to create new namespace"),
        ("container", "podman", "Error: cannot set up namespace"),
    ],
)
def test_a_backend_that_fails_is_no_fallback_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, choice: str, name: str, said: str
) -> None:
    """A kernel that refuses namespaces makes the run an error and never a run outside."""
    program(tmp_path, name, f"echo '{said}' >&2; exit 125")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("AVR_SANDBOX", choice)
    with pytest.raises(AvrError, match=said.split(": ")[1]) as caught:
        sandbox.run(Command(argv=("/usr/bin/true",)))
    assert "sandbox.unavailable" == caught.value.code


def test_the_choice_is_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who asks for containers does not get bubblewrap where there is no engine."""
    program(tmp_path, "podman", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("AVR_SANDBOX", "container")
    assert "podman cannot make a sandbox here" in (sandbox.problem() or "")


@pytest.mark.sandbox
def test_bubblewrap_is_taken_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word bubblewrap is taken where it works, also where the unsafe switch was thrown."""
    monkeypatch.delenv("AVR_SANDBOX", raising=False)
    monkeypatch.setattr(_PERMISSION, "unsafe", True)
    assert "bubblewrap" == sandbox.facts()["sandbox"]


@pytest.mark.sandbox
@pytest.mark.container
def test_a_container_is_taken_where_bubblewrap_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second backend isolates as well, so it is no downgrade; the facts tell which it was."""
    monkeypatch.setenv("AVR_SANDBOX", "container")
    if (why := sandbox.problem()) is not None:
        pytest.skip(why)
    program(tmp_path, "bwrap", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("AVR_SANDBOX")
    assert "container by podman" in sandbox.facts()["sandbox"]


@pytest.mark.parametrize("value", ["none", "unsafe-none", "off", "docker"])
def test_no_variable_switches_isolation_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A variable is inherited unseen; the unsafe switch stands on the command line or nowhere."""
    monkeypatch.setenv("AVR_SANDBOX", value)
    with pytest.raises(UsageError, match="is none of auto, bubblewrap, container") as caught:
        sandbox.run(Command(argv=("/usr/bin/true",)))
    assert "--unsafe-no-sandbox" in caught.value.hint


def test_the_two_forms_of_the_call_list_agree() -> None:
    """The profile for engines names as many calls as the program for bubblewrap has numbers, with the same errors."""
    profile = seccomp.profile("x86_64")
    assert profile is not None
    calls = profile["syscalls"]
    assert isinstance(calls, list)
    assert ["SCMP_ARCH_X86_64"] == profile["architectures"]
    assert {1: 27, 38: 1, 97: 14} == {
        error: sum(len(each["names"]) for each in calls if each["errnoRet"] == error and each["names"] != ["clone"])
        for error in (1, 38, 97)
    }
    flags = [each["args"][0]["value"] for each in calls if each["names"] == ["clone"]]
    assert 0x7E020000 == sum(flags)
    assert len(flags) == len(set(flags))
    assert seccomp.profile("unknown") is None


def test_other_file_systems_below_a_mount_are_found() -> None:
    """A read-only mount holds for one file system; each below it has to be named."""
    table = (
        "21 1 8:1 / / rw - ext4 /dev/a rw\n22 21 8:2 / /usr/local rw - ext4 /dev/b rw\n"
        "23 22 8:3 / /usr/local/with\\040space rw - ext4 /dev/c rw\n24 21 8:4 / /usrlocal rw - ext4 /dev/d rw\n"
    )
    found = podman.submounts(Path("/usr"), table)
    assert (Path("/usr/local"), Path("/usr/local/with space")) == found
