"""Programs are chosen from code blocks, and quoted into exploits that this program knows again."""

import ast
from dataclasses import replace

import pytest

from avr.model.exploit import ExploitOrigin, Signal
from avr.proofs import library
from avr.proofs.quoted import LARGEST, MOST, Quotation, is_own, modules, programs, wrap

HOSTILE = 'import thing\nprint("""\'\'\'\\", "\u2028\u00e9")\nID = "CVE-1"\nif __name__ == "__main__":\n    pass\n'
QUOTATION = Quotation(
    vulnerability="CVE-2099-0001",
    package="thing",
    cwe=("CWE-22",),
    references=("GHSA-test-test-test",),
    code=HOSTILE,
    modules=("thing",),
)


def _chosen(*blocks: str) -> tuple[str, ...]:
    return programs(blocks, ("thing",))


@pytest.mark.parametrize(
    "block",
    ["import thing\n", "from Thing.part import x\n", "def f():\n    import thing.part\n", 'run(["thing.part"])\n'],
)
def test_code_that_imports_or_names_the_package_is_chosen(block: str) -> None:
    """At the top, inside a function, or by a plug-in's name."""
    assert (block,) == _chosen(block)


@pytest.mark.parametrize(
    "block", ["import other\n", "thing.run()\n", "GET / HTTP/1.1\n", "print 'thing'\nimport thing\n"]
)
def test_other_blocks_are_not(block: str) -> None:
    """Another package, a fragment, no Python, Python of another time."""
    assert () == _chosen(block)


def test_sessions_lose_prompts_and_answers() -> None:
    """Doctest-like text."""
    block = ">>> import thing\n>>> for x in (1, 2):\n...     thing.run(x)\n...\n'answer'\n"
    assert ("import thing\nfor x in (1, 2):\n    thing.run(x)\n\n",) == tuple(
        each.rstrip("\n") + "\n\n" for each in _chosen(block)
    )


def test_a_block_that_goes_on_is_joined() -> None:
    """It uses what the one before defines, and nothing else that is unknown."""
    first, second = "import thing\npayload = 1\n", "thing.run(payload)\n"
    assert (f"{first}\n{second}",) == _chosen(first, second)
    assert (first,) == _chosen(first, "thing.run(elsewhere)\n")
    assert (first,) == _chosen(first, "print('apart')\n")
    assert (first,) == _chosen(first, "import other\nother.run()\n", second), "something else lies between"


def test_a_forgotten_import_of_the_standard_library_is_added() -> None:
    """Writers paste without it."""
    assert ("import time\nimport thing\ntime.sleep(0)\n",) == _chosen("import thing\ntime.sleep(0)\n")


def test_bounds_hold() -> None:
    """Neither long programs nor many."""
    assert () == _chosen("import thing\n" + "x = 1\n" * LARGEST)
    assert MOST == len(_chosen(*(f"import thing\nx = {number}\n" for number in range(9))))


def test_imports_at_the_top_are_known() -> None:
    """They are loaded before the time is taken."""
    assert ("thing", "os.path") == modules("import thing\nfrom os.path import join\ndef f():\n    import late\n")


def test_the_code_stands_in_the_exploit_as_one_literal() -> None:
    """Whatever it holds, it is data: it cannot end its own quotation or set a fact."""
    exploit = wrap(QUOTATION, Signal.READ, ("1.0", "1.1"), "end")
    assert (ExploitOrigin.ADVISORY, Signal.READ, ("1.0", "1.1"), "CVE-2099-0001") == (
        exploit.origin,
        exploit.signal,
        exploit.shown,
        exploit.vulnerability,
    )
    literals = [node.value for node in ast.walk(ast.parse(exploit.program)) if isinstance(node, ast.Constant)]
    assert 1 == literals.count(HOSTILE)
    assert exploit.program.isascii()


def test_own_quotations_are_known_again() -> None:
    """A capsule's exploit is one where this program would write the same bytes."""
    exploit = wrap(QUOTATION, Signal.CRASHED, ("1.0", "1.1"), "end")
    assert is_own(exploit)
    read_again = replace(library.parse(exploit.name, exploit.program), contract=exploit.contract)
    assert is_own(read_again)
    assert not is_own(replace(exploit, program=exploit.program + b"\nimport os\n"))
    assert not is_own(replace(exploit, program=exploit.program.replace(b"CUT = 20", b"CUT = 21")))
    assert not is_own(replace(exploit, contract=b"another"))
    assert not is_own(library.everything("pypi")[0])
    assert not is_own(replace(exploit, program=b"\xff("))
