import gzip
import zlib

import pytest

from wfbomb import TooLarge, gunzip, inflate, lines


def test_inflate():
    assert inflate(zlib.compress(b"abc")) == b"abc"


def test_inflate_refuses_what_is_broken():
    with pytest.raises(zlib.error):
        inflate(zlib.compress(b"abc" * 99)[:-5])


def test_gunzip():
    assert gunzip(gzip.compress(b"abc")) == b"abc"


def test_long_input():
    with pytest.raises(TooLarge):
        gunzip(b"x" * 20, limit=10)


def test_lines():
    assert lines(gzip.compress(b"a\nb\n")) == ["a", "b"]
