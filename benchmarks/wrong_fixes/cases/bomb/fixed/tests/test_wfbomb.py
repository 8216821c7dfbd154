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


@pytest.mark.parametrize(("unpack", "pack"), [(inflate, zlib.compress), (gunzip, gzip.compress)])
def test_output_has_a_limit(unpack, pack):
    with pytest.raises(TooLarge):
        unpack(pack(b"0" * (2 << 20)))


def test_the_limit_may_be_reached():
    assert len(inflate(zlib.compress(b"0" * 1000), limit=1000)) == 1000
