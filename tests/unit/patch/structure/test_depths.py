"""Blocks of a unit, and what leads to them."""

import pytest

from avr.stages.patch.languages.interface import Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.structure.blocks import Block, blocks
from avr.stages.patch.structure.depths import Depths, Turned
from avr.stages.patch.structure.units import units

WORK = ("target = join(box.root, address)", "pages = letter.pages(box)", "store(target, pages)", "box.count += 1")


def source(text: str) -> Source:
    found = PYTHON.read(tuple(text.splitlines()))
    assert found is not None
    return found


def function(*lines: str) -> Source:
    return source("\n".join(["def send(box, letter, address):", *(f"    {each}" for each in lines)]))


def under(head: str) -> Source:
    return function(head, *(f"    {each}" for each in WORK), "return box")


def found(mine: Source, ours: Source) -> Block | str | None:
    """The counterpart of the innermost block of `mine`, or why there is none."""
    depths = Depths(mine, units(mine)[0], ours, units(ours)[0])
    answer = depths.find(depths.blocks[-1])
    return answer if isinstance(answer, Block) or answer is None else answer.reason


def test_a_branch_is_known_by_the_conditions_in_front_of_it() -> None:
    """An `else` alone says nothing."""
    text = function("if box:", "    a()", "elif letter:", "    b()", "else:", "    c()", "for d in box:", "    e()")
    chains = [each.chain for each in blocks(text, units(text)[0])]
    assert chains == [
        (),
        (("if box :",),),
        (("if box :", "elif letter :"),),
        (("if box :", "elif letter :", "else :"),),
        (("for d in box :",),),
    ]


@pytest.mark.parametrize("head", ["for each in letter:", "try:", "with box:", "if box.open:"])
def test_a_loop_a_guard_or_a_try_may_be_on_one_side_only(head: str) -> None:
    """The block is found below it, whichever side has it."""
    plain = function(*WORK, "return box")
    assert isinstance(found(under(head), plain), Block)
    assert isinstance(found(plain, under(head)), Block)


@pytest.mark.parametrize(
    ("condition", "guard", "same"),
    [
        ("box.open", "not box.open", True),
        ("not box.open", "box.open", True),
        ("box.open", "box.open", False),
        ("box.state == 1", "box.state != 1", True),
        ("box.state == 1", "box.state == 1", False),
        ("box.state is None", "box.state is not None", True),
        ("box.open and letter", "not box.open and letter", False),
        ("ask(box, letter)", "ask(not box, letter)", False),
        ("ask(box, letter)", "not ask(box, letter)", True),
        ("box.state < 1", "box.state >= 1", False),
        ("box.open", "letter.empty", True),
    ],
)
def test_a_condition_may_become_the_guard_that_says_the_same(condition: str, guard: str, same: bool) -> None:
    """Anything else about the same things may turn the block's condition round."""
    ours = function(f"if {guard}:", "    return box", *WORK, "return box")
    assert isinstance(found(under(f"if {condition}:"), ours), Block) == same


@pytest.mark.parametrize("leaving", ["pass", "letter.open()"])
def test_a_guard_leaves(leaving: str) -> None:
    """A branch that goes on behind itself guards nothing."""
    ours = function("if not box.open:", f"    {leaving}", *WORK, "return box")
    assert found(under("if box.open:"), ours) == "the condition that the block runs under may have been turned round"


def test_another_branch_is_no_counterpart() -> None:
    """What upstream does where a condition holds, the pin does where it does not."""
    ours = function(
        "for each in box:", "    if box.open:", "        a()", "    else:", *(f"        {at}" for at in WORK)
    )
    mine = under("if box.open:")
    depths = Depths(mine, units(mine)[0], ours, units(ours)[0])
    assert isinstance(depths.find(depths.blocks[-1]), Turned)


def test_two_counterparts_are_none() -> None:
    """A copy of the block is a tie."""
    inner = [f"        {each}" for each in WORK]
    ours = function("for each in box:", "    if each.a:", *inner, "    if each.b:", *inner)
    assert found(under("if box.open:"), ours) == "the block around the change has two counterparts at other depths"


def test_a_block_at_the_same_depth_is_left_alone() -> None:
    """Statements of one depth are compared by the alignment of the unit."""
    assert found(under("if box.open:"), under("for each in box:")) is None


def test_few_statements_tell_no_block() -> None:
    """Two statements in common could be anywhere."""
    mine = function("for each in box:", "    store(each, 1)", "    store(each, 2)")
    assert found(mine, function("store(each, 1)", "store(each, 2)")) is None
