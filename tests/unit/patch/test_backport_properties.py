"""What must hold of every backport however the pin drifted: drift that means nothing changes nothing."""

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avr.model.backport import Backport, HunkStatus
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import LazyFiles, SourceTree
from avr.stages.patch import backport
from avr.tools.diff import apply_unified, unified_tree

ID = AdvisoryId("CVE-0000-0001")
FUNCTION = '''def name_{0}(value, other=None):
    """Do {0}."""
    first = combine(value, "part {0}", [other, {0}])
    if first is None:
        return {{"empty": {0}}}
    second = finish(first, limit={0})
    return second


'''
OLD, NEW = 'combine(value, "part {0}", [other, {0}])', 'combine(check(value), "part {0}", [other, {0}])'
BODIES = st.lists(st.integers(0, 30), min_size=3, max_size=9, unique=True)
Drift = Callable[[str], bytes]


def carried(before: bytes, after: bytes, pin: bytes, path: str = "m.py") -> Backport:
    change = FileChange(path_before=path, path_after=path, before=before, after=after, kind=ChangeKind.CODE)
    fix = Fix(advisory=ID, route=FixRoute.COMMIT, files=(change,), confidence=1.0, reasons=())
    tree = SourceTree(files={path: pin})
    return backport(tree, [(ID, fix)], tree)


def module(bodies: list[int], fixed: int | None = None) -> str:
    text = "import os\n\n\n" + "".join(FUNCTION.format(each) for each in bodies)
    return text if fixed is None else text.replace(OLD.format(fixed), NEW.format(fixed))


def blank_lines(text: str) -> bytes:
    return text.replace("\n\n\ndef ", "\n\n\n\n\ndef ").replace("    if first", "\n    if first").encode()


def tabs(text: str) -> bytes:
    lines = text.split("\n")
    return "\n".join("\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in lines).encode()


DRIFTS: dict[str, Drift] = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no final line end": lambda text: text.rstrip("\n").encode(),
    "not utf-8": lambda text: ("# caf\xe9\n" + text).encode("latin-1"),
    "trailing spaces": lambda text: text.replace(":\n", ":  \n").encode(),
    "tabs": tabs,
    "blank lines": blank_lines,
    "header": lambda text: b"# licence\n# of somebody\n\n" + text.encode(),
    "bom and crlf": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS.keys())
@given(bodies=BODIES, data=st.data())
@settings(max_examples=15, deadline=None)
def test_drift_of_form_commutes_with_the_fix(drift: Drift, bodies: list[int], data: st.DataObject) -> None:
    """The fix of the drifted pin is the drift of the fixed pin, byte for byte."""
    fixed = data.draw(st.sampled_from(bodies))
    done = carried(module(bodies).encode(), module(bodies, fixed).encode(), drift(module(bodies)))
    assert done.patched.files["m.py"] == drift(module(bodies, fixed))
    assert done.ported[0].complete


@given(bodies=BODIES, data=st.data())
@settings(max_examples=30, deadline=None)
def test_moved_functions_keep_their_fix(bodies: list[int], data: st.DataObject) -> None:
    """In whatever order the pin has its functions, the fix is made in the one that upstream fixed, or not at all."""
    fixed, order = data.draw(st.sampled_from(bodies)), data.draw(st.permutations(bodies))
    done = carried(module(bodies).encode(), module(bodies, fixed).encode(), module(list(order)).encode())
    there = done.patched.files["m.py"].decode()
    assert there == (module(list(order), fixed) if done.ported[0].complete else module(list(order)))


@given(bodies=BODIES, data=st.data(), name=st.sampled_from(["result", "found", "f1"]))
@settings(max_examples=20, deadline=None)
def test_renamed_locals_elsewhere_do_not_matter(bodies: list[int], data: st.DataObject, name: str) -> None:
    """Other functions may call their variables as they like."""
    fixed = data.draw(st.sampled_from(bodies))

    def drifted(text: str) -> str:
        parts = text.split("def ")
        return "def ".join(p if p.startswith(f"name_{fixed}(") else p.replace("first", name) for p in parts)

    done = carried(module(bodies).encode(), module(bodies, fixed).encode(), drifted(module(bodies)).encode())
    assert done.patched.files["m.py"].decode() == drifted(module(bodies, fixed))


@given(bodies=BODIES, data=st.data(), drift=st.sampled_from(sorted(DRIFTS)))
@settings(max_examples=30, deadline=None)
def test_applied_and_reversed_is_the_identity(bodies: list[int], data: st.DataObject, drift: str) -> None:
    """The patch of every backport applies to the pin; its reverse gives the pin's bytes back."""
    fixed = data.draw(st.lists(st.sampled_from(bodies), min_size=1, max_size=3, unique=True))
    after = module(bodies)
    for each in fixed:
        after = after.replace(OLD.format(each), NEW.format(each))
    done = carried(module(bodies).encode(), after.encode(), DRIFTS[drift](module(bodies[1:])))
    if done.changed_paths:
        assert apply_unified(done.pinned, unified_tree(done.pinned, done.patched)) == done.patched
        assert apply_unified(done.patched, unified_tree(done.patched, done.pinned)) == done.pinned


@given(bodies=BODIES, data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_inverse_fix_takes_the_fix_back(bodies: list[int], data: st.DataObject) -> None:
    """A revert carried onto the patched pin gives the pin, as a revert upstream would."""
    fixed = data.draw(st.sampled_from(bodies))
    before, after = module(bodies).encode(), module(bodies, fixed).encode()
    pin = module([*bodies[1:], 77]).encode() if fixed != bodies[0] else module([*bodies, 77]).encode()
    done = carried(before, after, pin)
    assert done.ported[0].complete
    assert carried(after, before, done.patched.files["m.py"]).patched.files["m.py"] == pin


@given(st.lists(st.integers(0, 8), min_size=2, max_size=5, unique=True), st.data())
@settings(max_examples=20, deadline=None)
def test_independent_fixes_may_be_stacked_in_any_order(bodies: list[int], data: st.DataObject) -> None:
    """Two fixes of two functions give one result whichever comes first."""
    one, two = bodies[:2]
    order = data.draw(st.permutations([one, two]))
    before = module(bodies).encode()
    fixes = []
    for each in order:
        change = FileChange(
            path_before="m.py",
            path_after="m.py",
            before=before,
            after=module(bodies, each).encode(),
            kind=ChangeKind.CODE,
        )
        fixes.append((ID, Fix(advisory=ID, route=FixRoute.COMMIT, files=(change,), confidence=1.0, reasons=())))
    tree = SourceTree(files={"m.py": before})
    both = module(bodies, one).replace(OLD.format(two), NEW.format(two))
    assert backport(tree, fixes, tree).patched.files["m.py"].decode() == both


def test_a_lazy_tree_gives_the_same_and_reads_little() -> None:
    """Of many files only those that could be meant are read, and the answer is that of the plain tree."""
    before, after = module([1, 2, 3]).encode(), module([1, 2, 3], 2).encode()
    change = FileChange(path_before="m.py", path_after="m.py", before=before, after=after, kind=ChangeKind.CODE)
    fix = Fix(advisory=ID, route=FixRoute.COMMIT, files=(change,), confidence=1.0, reasons=())
    files = {f"pkg/file{number}.py": b"x = %d\n" % number for number in range(50_000)} | {"m.py": before}
    read: list[str] = []

    def content(path: str) -> bytes:
        read.append(path)
        return files[path]

    lazy = SourceTree(files=LazyFiles(paths=frozenset(files), read=content))
    start = time.process_time()
    done = backport(lazy, [(ID, fix)], lazy)
    assert time.process_time() - start < 10
    assert (done.patched.get("m.py"), done.changed_paths, set(read)) == (after, ("m.py",), {"m.py"})


HOSTILE = {
    "one long line": b"x = [" + b"1, " * 10_000 + b"]\n",
    "deep brackets": b"x = " + b"(" * 3_000 + b")" * 3_000 + b"\n",
    "deep blocks": b"".join(b" " * depth + b"if x:\n" for depth in range(300)),
    "equal lines": b"a = 1\n" * 3_000,
    "quotes": b"'\"" * 3_000,
    "backslashes": b"\\\n" * 3_000,
    "nul bytes": b"a\0b\n" * 1000,
    "many names": b"".join(b"n%d = f(n%d)\n" % (number, number // 2) for number in range(3_000)),
    "not text": bytes(range(256)) * 50,
    "decorators": b"@a\n" * 2000 + b"def f(): pass\n",
}


@pytest.mark.parametrize("suffix", ["py", "js", "c", "txt"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_answered_in_bounded_time(content: bytes, suffix: str) -> None:
    """Whatever the three files are, there is an answer within seconds of processor time."""
    start = time.process_time()
    half = len(content) // 2
    changed = content[:half] + b"\ny = g(x)\n" + content[half:]
    drifted = b"z = 2\n" + content[: half - 7] + b"\n# drift\n" + content[half:]
    done = carried(content, changed, drifted, f"m.{suffix}")
    assert all(isinstance(hunk.status, HunkStatus) for hunk in done.ported[0].hunks)
    assert time.process_time() - start < 10


def test_memory_is_bounded_by_the_files() -> None:
    """A file of ten thousand lines needs some ten megabytes."""
    text = b"".join(b"value_%d = compute(%d, other)\n" % (number, number) for number in range(10_000))
    tracemalloc.start()
    try:
        done = carried(text, text.replace(b"value_5000 = ", b"value_5000 = check"), b"import x\n" + text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done.ported[0].complete
    assert peak < 300 << 20
