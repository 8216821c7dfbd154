"""Names that two files call differently."""

from avr.stages.patch.adapt.learned import learn, learn_inside
from avr.stages.patch.adapt.translate import translated
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.text import Text


def read(text: str) -> Source:
    source = PYTHON.read(Text.of(text.encode()).lines)
    assert source is not None
    return source


THEIRS = "import jsonutils\n\ndef f(a):\n    b = jsonutils.dumps(a)\n    return g(b)\n"
OURS = "import json\n\ndef f(a):\n    b = json.dumps(a)\n    return g(b)\n"


def test_an_import_and_a_use_are_enough() -> None:
    """Two places that agree make a pair."""
    assert learn(read(THEIRS), read(OURS)) == {("jsonutils",): "json"}


def test_one_place_is_not_enough() -> None:
    """A single statement may differ for another reason."""
    assert learn(read("a = f(b, 1)\nx = 1\n"), read("a = f(c, 1)\nx = 1\n")) == {}


def test_a_name_that_the_pin_uses_too_is_never_exchanged() -> None:
    """Where the pin knows upstream's name it means it."""
    assert learn(read(THEIRS), read(OURS + "jsonutils = None\n")) == {}


def test_a_contradiction_is_no_pair() -> None:
    """Upstream's name for two names of the pin is no name for either."""
    theirs = "x = a(1)\ny = a(2)\nz = a(3)\nw = a(4)\n"
    ours = "x = b(1)\ny = b(2)\nz = c(3)\nw = c(4)\n"
    assert learn(read(theirs), read(ours)) == {}


def test_a_definition_has_a_dialect_of_its_own() -> None:
    """Locals that were renamed are learned inside their function."""
    theirs = "def f(p):\n    one = p.x\n    return one.y(1)\n\ndef g(one):\n    return one\n"
    ours = "def f(p):\n    two = p.x\n    return two.y(1)\n\ndef g(one):\n    return one\n"
    assert learn_inside(read(theirs), read(ours), 1) == {("one",): "two"}


def test_attributes_and_other_lines_stay() -> None:
    """A translation exchanges names, not attributes of the same spelling, and keeps every line."""
    text = Text.of(b"a = six.text_type(b)\nc.six.text_type = 'six'\n")
    spoken = translated(text, PYTHON, {("six", ".", "text_type"): "unicode"})
    assert spoken.to_bytes() == b"a = unicode(b)\nc.six.text_type = 'six'\n"
