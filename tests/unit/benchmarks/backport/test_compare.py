"""How close results are to the maintainers' own."""

from benchmarks.backport.compare import closeness, same_syntax


def test_line_ends_do_not_count_as_a_difference() -> None:
    """Identical is by lines."""
    found = closeness({"a.py": b"x = 1\r\n"}, {"a.py": b""}.get, {"a.py": b"x = 1\n"}.get, ())
    assert ("identical", ()) == found


def test_layout_and_comments_are_no_syntax() -> None:
    """Equal trees are told apart from identical ones and from different ones."""
    base = {"a.py": b"x = 0\n", "b.c": b"1\n"}
    target = {"a.py": b"x = (1)  # one\n", "b.c": b"2\n"}
    assert ("syntax", ()) == closeness({"a.py": b"x = 1\n"}, base.get, target.get, ("a.py",))
    assert ("different", ("b.c",)) == closeness({"a.py": b"x = 1\n"}, base.get, target.get, ("a.py", "b.c"))


def test_a_file_too_many_is_a_difference() -> None:
    """What the maintainers did not touch may not change."""
    base = {"a.py": b"x = 0\n"}
    assert ("different", ("a.py",)) == closeness({"a.py": b"x = 1\n"}, base.get, base.get, ())
    assert ("different", ("a.py",)) == closeness({"a.py": None}, base.get, base.get, ())


def test_every_language_has_its_own_syntax() -> None:
    """JavaScript, TypeScript, Java and Python 2 are compared; an unknown language and broken files never are."""
    assert same_syntax("a.js", b"f( 1 );", b"f(1); // one")
    assert same_syntax("a.js", b"f(1, 2,);", b"f(1, 2)")
    assert not same_syntax("a.js", b"f(1);", b"f(2);")
    assert not same_syntax("a.js", b"[1,,2]", b"[1,2]")
    assert same_syntax("a.ts", b"let a : number = 1;", b"let a: number = 1;")
    assert same_syntax("A.java", b"class A { }", b"class A {}")
    assert same_syntax("a.py", b"print 'a'  # b\n", b"print 'a'\n")
    assert same_syntax("a.py", b'def f():\n    """One."""\n    return 1\n', b"def f():\n    return 1\n")
    assert not same_syntax("a.py", b"if a:\n    b()\n    c()\n", b"if a:\n    b()\nc()\n")
    assert not same_syntax("a.txt", b"a", b"a ")
    assert not same_syntax("a.js", b"f(", b"f( ")
