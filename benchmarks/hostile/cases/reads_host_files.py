"""Reads files of the host: a secret, password hashes, other processes' environments, the user's keys."""

import glob
import json
from pathlib import Path

ENDS = "refused"
KNOWN = json.loads(Path("hostile.json").read_text())


def test_reads_a_secret_file():
    print(Path(KNOWN["secret_file"]).read_text())


def test_reads_password_hashes():
    print(Path("/etc/shadow").read_text())


def test_reads_another_process():
    others = [path for path in glob.glob("/proc/[0-9]*/environ") if "/1/" not in path]
    found = b"".join(Path(path).read_bytes() for path in others)
    assert KNOWN["secret_name"].encode() in found


def test_reads_keys():
    assert [*Path("/root").glob("*"), *Path("/home").glob("*/.ssh/*")]
