"""Binary patches are those that git applies."""

import subprocess
from pathlib import Path

import pytest

from avr.tools.binary_patch import binary_patch

OLD, NEW = bytes(range(256)) * 9, bytes(reversed(range(256))) * 7 + b"x"


@pytest.mark.parametrize(("before", "after"), [(OLD, NEW), (None, NEW), (OLD, None), (b"\0", b"\0" * 200)])
@pytest.mark.parametrize("name", ["a.bin", "ü b/c d.bin"])
def test_git_applies_it_there_and_back(tmp_path: Path, before: bytes | None, after: bytes | None, name: str) -> None:
    """A changed, a new and a deleted file, under plain and odd names."""

    def there() -> bytes | None:
        return (tmp_path / name).read_bytes() if (tmp_path / name).exists() else None

    (tmp_path / name).parent.mkdir(exist_ok=True)
    if before is not None:
        (tmp_path / name).write_bytes(before)
    patch = binary_patch(before, after, name)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True)
    assert there() == after
    subprocess.run(["git", "apply", "-R", "-"], cwd=tmp_path, input=patch, check=True)
    assert there() == before
