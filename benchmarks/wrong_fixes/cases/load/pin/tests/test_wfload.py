import datetime

from wfload import cookie, dumps, loads, session


def test_plain_values():
    value = {"a": [1, 2.0, None, "x"]}
    assert loads(dumps(value)) == value


def test_dates():
    value = datetime.date(2020, 2, 2)
    assert loads(dumps(value)) == value


def test_session():
    assert session(cookie({"user": 7})) == {"user": 7}


def test_no_session():
    assert session("", default={}) == {}
