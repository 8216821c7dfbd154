"""The library of exploits is data: its facts are read without running a program."""

import pytest

from avr.errors import AvrError
from avr.model.exploit import Exploit, Signal
from avr.proofs.library import everything, exploits_for, parse

PROGRAM = b"""
ID = "CVE-2099-0001"
PACKAGE = "thing"
CWE = ("CWE-22",)
SIGNAL = "read"
REFERENCES = ("https://example.invalid/fix",)
SHOWN = ("1.0", "1.1")
raise SystemExit("programs are never run here")
"""
NAME = "cve-2099-0001_thing.py"
JAVASCRIPT = b"""/*
# CVE-2099-0001: something is wrong.

ID = "CVE-2099-0001"
PACKAGE = "@scope/thing"
CWE = ["CWE-22"]
SIGNAL = "read"
REFERENCES = ["https://example.invalid/fix"]
SHOWN = ["1.0.0", "1.0.1"]
SECONDS = 60
*/
throw new Error("programs are never run here");
"""


def test_facts_are_read_without_running_the_program() -> None:
    """The literals at the top are what is known of an exploit."""
    found = parse(NAME, PROGRAM)
    assert ("CVE-2099-0001", "thing", ("CWE-22",), Signal.READ) == (
        found.vulnerability,
        found.package,
        found.cwe,
        found.signal,
    )
    assert (("1.0", "1.1"), 120) == (found.shown, found.seconds)


def test_the_digest_covers_program_and_contract() -> None:
    """A changed contract is another question."""
    one = parse(NAME, PROGRAM)
    assert one.digest != parse(NAME, PROGRAM + b"\n").digest
    assert one.digest == parse(NAME, PROGRAM).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ID =", b"NO ="),
        (b'"read"', b'"telepathy"'),
        (b'("CWE-22",)', b'"CWE-22"'),
        (b'("CWE-22",)', b"tuple()"),
        (b'("1.0", "1.1")', b'("1.0",)'),
        (b'"thing"', b'"another"'),
        (b"ID =", b"ID = ="),
        (b"raise", b"SECONDS = 100000\nraise"),
    ],
)
def test_a_malformed_program_is_named(old: bytes, new: bytes) -> None:
    """What is missing, no literal or out of bounds is an error that names the file."""
    with pytest.raises(AvrError) as caught:
        parse(NAME, PROGRAM.replace(old, new, 1))
    assert "proofs.malformed" == caught.value.code
    assert NAME in caught.value.message


def test_facts_of_javascript_are_read_from_its_first_comment() -> None:
    """The same facts in the same types, a scope with `+` in the file's name, and the contract for node."""
    found = parse("cve-2099-0001_@scope+thing.js", JAVASCRIPT)
    assert ("@scope/thing", ("CWE-22",), Signal.READ, 60) == (found.package, found.cwe, found.signal, found.seconds)
    assert ("node", "contract.js") == (found.runtime, found.contract_name)
    assert b"require(" in found.contract
    assert ("python", "contract.py") == (parse(NAME, PROGRAM).runtime, parse(NAME, PROGRAM).contract_name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/*\n", b"/* "),
        (b"*/\n", b"\n"),
        (b'["CWE-22"]', b"22"),
        (b'"read"', b'"telepathy"'),
        (b"ID =", b"ID ="[::-1]),
        (b'["1.0.0", "1.0.1"]', b'["1.0.0"]'),
        (b'"@scope/thing"', b'"another"'),
        (b'"@scope/thing"', b'"\xff"'),
    ],
)
def test_a_malformed_comment_is_named(old: bytes, new: bytes) -> None:
    """No comment, no TOML, no fact and a wrong one are errors that name the file."""
    name = "cve-2099-0001_@scope+thing.js"
    with pytest.raises(AvrError) as caught:
        parse(name, JAVASCRIPT.replace(old, new, 1))
    assert ("proofs.malformed", True) == (caught.value.code, name in caught.value.message)


def test_an_exploit_is_found_by_any_name_of_the_vulnerability() -> None:
    """A finding is known by several ids; the package must be the same."""
    found = exploits_for("pypi", "werkzeug", ("PYSEC-2023-58", "CVE-2023-25577"))
    assert ["CVE-2023-25577"] == [each.vulnerability for each in found]
    assert () == exploits_for("pypi", "flask", ("CVE-2023-25577",))
    assert ["CVE-2020-7598"] == [each.vulnerability for each in exploits_for("npm", "minimist", ("CVE-2020-7598",))]
    assert () == exploits_for("pypi", "minimist", ("CVE-2020-7598",))
    assert () == exploits_for("cobol", "werkzeug", ("CVE-2023-25577",))


def test_the_library_is_large_and_wide() -> None:
    """At least forty vulnerabilities over at least twelve classes of weakness."""
    all_of_it = everything("pypi")
    assert len(all_of_it) >= 40
    assert len({cwe for each in all_of_it for cwe in each.cwe}) >= 12


def test_the_library_knows_npm() -> None:
    """At least twenty-five vulnerabilities over at least twelve classes of weakness."""
    all_of_it = everything("npm")
    assert len(all_of_it) >= 25
    assert len({cwe for each in all_of_it for cwe in each.cwe}) >= 12


@pytest.mark.parametrize("exploit", everything("npm"), ids=lambda each: each.name)
def test_every_exploit_for_node_shows_that_the_way_is_open(exploit: Exploit) -> None:
    """Each has a control and an attack, keeps the contract and says where its facts come from."""
    text = exploit.program.decode()
    assert text.startswith(f"/*\n# {exploit.vulnerability}: ")
    assert text.endswith("\n}\n\ncontract.run(control, attack);\n")
    assert "function control()" in text
    assert "function attack()" in text
    assert all(each.startswith("https://") for each in exploit.references)


@pytest.mark.parametrize("exploit", everything("pypi"), ids=lambda each: each.name)
def test_every_exploit_shows_that_the_way_is_open(exploit: Exploit) -> None:
    """Each has a control and an attack, keeps the contract and says where its facts come from."""
    text = exploit.program.decode()
    assert text.startswith(f'"""{exploit.vulnerability}: ')
    assert text.endswith('\n\nif __name__ == "__main__":\n    contract.run(control, attack)\n')
    assert "def control():" in text
    assert "def attack():" in text
    assert all(each.startswith("https://") for each in exploit.references)
