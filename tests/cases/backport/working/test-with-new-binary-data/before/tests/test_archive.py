from pkg.archive import unpack


def test_unpack():
    assert unpack([], 'x') == 'x'
