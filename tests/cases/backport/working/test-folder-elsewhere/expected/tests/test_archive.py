from pkg.archive import unpack


def test_unpack():
    assert unpack([], 'x') == 'x', 'same'


def test_escape():
    assert unpack(load('evil.tar'), 'x') == 'x'
