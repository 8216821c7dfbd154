"""The inputs of the scaling benchmark."""

from benchmarks.backport.scaling import DIALECTS, file_cases, measure, tree_cases

from avr.model.source import SourceTree


def test_files_have_the_size_asked_for_and_the_fix_is_placed_where_nothing_drifted() -> None:
    """In every language the change is real, and the unchanged pin takes it."""
    for dialect in DIALECTS:
        _, before, after, pin = next(file_cases(dialect, 500))
        assert 450 < len(pin.splitlines()) < 550
        assert before != after
        path = f"a{dialect.suffix}"
        assert measure(before, after, SourceTree(files={path: pin.encode()}), path).complete


def test_trees_have_the_size_asked_for() -> None:
    """A tree holds that many files besides the fixed one, which is in its place, moved, split or absent."""
    sizes = {name: len(tree.files) for name, _, _, tree in tree_cases(50)}
    assert {"file in its place": 51, "file moved": 51, "file split in two": 52, "file absent": 50} == sizes
