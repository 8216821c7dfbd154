"""Trees that read their files when asked behave as values."""

from avr.model.source import LazyFiles, SourceTree

FILES = {"a.py": b"1", "b/c.py": b"2", "d": b"3"}


class Reader:
    """Gives contents and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, path: str) -> bytes:
        """The content at `path`."""
        self.asked.append(path)
        return FILES[path]


def test_a_lazy_tree_equals_the_tree_of_its_contents() -> None:
    """Equality, membership, order and size are those of the plain tree, on both sides of the comparison."""
    lazy, plain = SourceTree(files=LazyFiles(paths=frozenset(FILES), read=Reader())), SourceTree(files=FILES)
    assert lazy == plain
    assert plain == lazy
    assert (list(lazy), len(lazy.files), "d" in lazy, "e" in lazy) == (list(plain), 3, True, False)
    assert (lazy.get("a.py"), lazy.get("nope")) == (b"1", None)


def test_replacing_reads_nothing() -> None:
    """A new, a changed and a removed file need no content of any other."""
    reader = Reader()
    tree = SourceTree(files=LazyFiles(paths=frozenset(FILES), read=reader), executable=frozenset({"d", "a.py"}))
    changed = tree.replacing({"a.py": b"9", "d": None, "new": b"n"})
    assert (list(changed), changed.executable, reader.asked) == (["a.py", "b/c.py", "new"], frozenset({"a.py"}), [])
    assert dict(changed.files) == {"a.py": b"9", "b/c.py": b"2", "new": b"n"}
    assert dict(tree.files) == FILES


def test_trees_of_one_origin_are_compared_where_they_can_differ() -> None:
    """Only files that were laid over are read; one that came back to its old content does not differ."""
    reader = Reader()
    tree = SourceTree(files=LazyFiles(paths=frozenset(FILES), read=reader))
    changed = tree.replacing({"a.py": b"9", "d": b"3"})
    assert (tree.differing(changed), changed.differing(tree)) == (("a.py",), ("a.py",))
    assert set(reader.asked) == {"a.py", "d"}
    assert tree.differing(SourceTree(files=FILES)) == ()


def test_a_removed_file_may_come_back() -> None:
    """Removal is undone by a later content."""
    tree = (
        SourceTree(files=LazyFiles(paths=frozenset(FILES), read=Reader())).replacing({"d": None}).replacing({"d": b"4"})
    )
    assert (tree.get("d"), len(tree.files)) == (b"4", 3)
