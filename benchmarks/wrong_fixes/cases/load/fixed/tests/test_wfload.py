import base64
import datetime
import os
import pickle

import pytest

from wfload import Refused, cookie, dumps, loads, session


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


@pytest.mark.parametrize("load", [loads, lambda data: session(base64.urlsafe_b64encode(data).decode())])
def test_functions_are_refused(load):
    with pytest.raises(Refused):
        load(pickle.dumps(os.system))
