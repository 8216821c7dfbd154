"""The tools of today on one task, each in a scratch work tree of its own.

`git cherry-pick -n` runs on the whole commit, as a maintainer would type it; the others get the part that counts (no
tests, no documentation) as a patch. A tool has placed the change completely where it reports no conflict in code.
"""

import shutil
from collections.abc import Callable, Mapping

from benchmarks.backport.attempt import Attempt, Placed
from benchmarks.backport.cases import Task, is_code
from benchmarks.backport.scratch import Ran, Scratch, program, scratch

Baseline = Callable[[Task], Attempt]

INSTALL = "install what is missing with `apt-get install patch wiggle`"


def git_apply(task: Task) -> Attempt:
    """`git apply`: every line of context must match; all or nothing."""
    with scratch(task.repository, task.base, task.code) as tree:
        ran = tree.git("apply", "--whitespace=nowarn", "-", stdin=_patch(tree, task, task.code))
        return _attempt("git apply", ran, _touched(tree, task) if ran.code == 0 else {})


def git_apply_3(task: Task) -> Attempt:
    """`git apply -3`: falls back to a three-way merge of each file."""
    with scratch(task.repository, task.base, task.code) as tree:
        ran = tree.git("apply", "-3", "--whitespace=nowarn", "-", stdin=_patch(tree, task, task.code))
        unmerged = _unmerged(tree)
        changes = {path: data for path, data in _touched(tree, task).items() if path not in unmerged}
        return _attempt("git apply -3", ran, changes)


def git_cherry_pick(task: Task) -> Attempt:
    """`git cherry-pick -n` of the commit, renames followed as git does by default."""
    with scratch(task.repository, task.base, task.code) as tree:
        ran = tree.git("cherry-pick", "-n", task.source_commit)
        unmerged = {path for path in _unmerged(tree) if _counts(task, path)}
        staged = tree.out("diff", "--cached", "--name-status", "--no-renames", "-z", "HEAD").split(b"\0")
        changes: dict[str, bytes | None] = {}
        for status, name in zip(staged[0::2], staged[1::2], strict=False):
            path = name.decode("utf-8", "surrogateescape")
            if _counts(task, path) and path not in unmerged:
                changes[path] = None if status == b"D" else tree.out("cat-file", "blob", f":0:{path}")
        broken = ran.code not in {0, 1}
        verdict = Ran(code=int(broken or bool(unmerged)), out=ran.out, err=ran.err, seconds=ran.seconds, cpu=ran.cpu)
        return _attempt("git cherry-pick", verdict, changes)


def patch_f3(task: Task) -> Attempt:
    """`patch -F3`: up to three lines of context may differ."""
    with scratch(task.repository, task.base, task.code) as tree:
        line = ["patch", "-p1", "-F3", "--force", "--no-backup-if-mismatch", "--reject-file=-"]
        ran = program(line, tree.folder, _patch(tree, task, task.code))
        return _attempt("patch -F3", ran, _touched(tree, task))


def wiggle(task: Task) -> Attempt:
    """`wiggle`: word by word, file by file; files without any conflict count as placed."""
    changes: dict[str, bytes | None] = {}
    rans: list[Ran] = []
    with scratch(task.repository, task.base, task.code) as tree:
        for path in task.code:
            ran, after = _wiggled(tree, task, path)
            rans.append(ran)
            if ran.code == 0 and after != tree.read(path):
                changes[path] = after
    seconds, cpu = sum(each.seconds for each in rans), sum(each.cpu for each in rans)
    code = max((each.code for each in rans), default=1)
    err = b"; ".join(each.err for each in rans if each.code)
    return _attempt("wiggle", Ran(code=code, out=b"", err=err, seconds=seconds, cpu=cpu), changes)


BASELINES: Mapping[str, Baseline] = {
    "git apply": git_apply,
    "git apply -3": git_apply_3,
    "git cherry-pick": git_cherry_pick,
    "patch -F3": patch_f3,
    "wiggle": wiggle,
}
"""By the name in the tables."""


def missing(tools: list[str]) -> str | None:
    """What is not installed of the wanted tools, with the line that helps; None where all are there."""
    absent = [name for name in ("patch", "wiggle") if shutil.which(name) is None and any(name in t for t in tools)]
    return f"{' and '.join(absent)} not found: {INSTALL}" if absent else None


def _patch(tree: Scratch, task: Task, paths: tuple[str, ...]) -> bytes:
    shape = ("diff", "--binary", "--full-index", "--no-renames", "--no-ext-diff")
    return tree.out(*shape, task.source_parent, task.source_commit, "--", *paths)


def _wiggled(tree: Scratch, task: Task, path: str) -> tuple[Ran, bytes | None]:
    """One file; where upstream adds or deletes it there is nothing to wiggle."""
    patch = _patch(tree, task, (path,))
    mine = tree.read(path)
    if b"\nnew file mode" in patch and mine is None:
        ran = tree.git("apply", "--whitespace=nowarn", "-", stdin=patch)
        return ran, tree.read(path)
    if b"\ndeleted file mode" in patch and mine is not None:
        return Ran(code=0, out=b"", err=b"", seconds=0.0, cpu=0.0), None
    if mine is None:
        return Ran(code=1, out=b"", err=f"{path} is not in the base".encode(), seconds=0.0, cpu=0.0), None
    (tree.folder / ".wiggle.patch").write_bytes(patch)
    ran = program(["wiggle", "--merge", path, ".wiggle.patch"], tree.folder)
    return ran, ran.out


def _touched(tree: Scratch, task: Task) -> dict[str, bytes | None]:
    """Of the files that upstream's change names, those that the work tree has changed."""
    found: dict[str, bytes | None] = {}
    for path in task.code:
        before = tree.git("cat-file", "blob", f"HEAD:{path}")
        now = tree.read(path)
        if now != (before.out if before.code == 0 else None):
            found[path] = now
    return found


def _unmerged(tree: Scratch) -> set[str]:
    listed = tree.out("ls-files", "-u", "-z").split(b"\0")
    return {record.partition(b"\t")[2].decode("utf-8", "surrogateescape") for record in listed if record}


def _counts(task: Task, path: str) -> bool:
    return path in task.code or (path not in task.tests and is_code(path))


def _attempt(tool: str, ran: Ran, changes: dict[str, bytes | None]) -> Attempt:
    placed: Placed = "partial" if changes else "none"
    if ran.code == 0 and changes:
        placed = "complete"
    why = "" if ran.code == 0 else (ran.err or ran.out).decode("utf-8", "replace").strip()[-300:]
    return Attempt(tool=tool, placed=placed, changes=changes, seconds=ran.seconds, cpu=ran.cpu, why=why)
