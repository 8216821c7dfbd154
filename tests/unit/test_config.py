"""Settings come from environment variables."""

import pytest

from avr.config import load
from avr.errors import UsageError


@pytest.mark.parametrize(("text", "seconds"), [("", 60), ("0", 0), ("5", 5)])
def test_trials_can_be_left_out(text: str, seconds: int) -> None:
    """Zero is a number of seconds there."""
    assert seconds == load({"AVR_NECESSITY_SECONDS": text}).necessity_seconds


@pytest.mark.parametrize(("name", "text"), [("AVR_NECESSITY_SECONDS", "-1"), ("AVR_JOBS", "0"), ("AVR_JOBS", "two")])
def test_what_is_no_such_number_is_refused(name: str, text: str) -> None:
    """With the variable to unset."""
    with pytest.raises(UsageError, match=name):
        load({name: text})


@pytest.mark.parametrize(("text", "seconds"), [("", 90), ("30", 30), ("off", 0), ("0", 0)])
def test_watching_behaviour_can_be_limited_and_left_out(text: str, seconds: int) -> None:
    """`AVR_BEHAVIOUR_SECONDS` is a number of seconds or `off`."""
    assert seconds == load({"AVR_BEHAVIOUR_SECONDS": text}).behaviour_seconds


def test_what_is_no_number_is_refused() -> None:
    """With the name of the variable."""
    with pytest.raises(UsageError, match="AVR_BEHAVIOUR_SECONDS='soon'"):
        load({"AVR_BEHAVIOUR_SECONDS": "soon"})
