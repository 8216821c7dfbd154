from pkg import a


def test_empty():
    assert a.run("") == ""
