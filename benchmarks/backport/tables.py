"""The tables of the benchmark, as Markdown."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from benchmarks.backport.engine import NAME
from benchmarks.backport.rows import Row

PICK = "git cherry-pick"


def report(rows: Sequence[Row]) -> str:
    """All tables; groups that have no row are left out."""
    tools = list(dict.fromkeys(row.tool for row in rows))
    tools.sort(key=lambda tool: tool != NAME)
    run = [row for row in rows if row.executable and row.ecosystem in {"pypi", "npm"}]
    parts = [
        _head(rows),
        "### Executable PyPI and npm cases, judged by the maintainers' tests",
        _tests_table(run, tools),
        "### Resolved or the same, by category (all cases)",
        _shares(rows, tools, lambda row: row.category),
        "### By ecosystem (all cases)",
        _shares(rows, tools, lambda row: row.ecosystem),
        "### All cases: what became of them",
        _verdicts(rows, tools),
        "### Our engine by the highest rung used",
        _rungs([row for row in rows if row.tool == NAME]),
        "### Calibration of the rungs over hunks (cases with a judge)",
        _calibration([row for row in rows if row.tool == NAME]),
        "### Time",
        _times(rows),
        "### To be read",
        _lists(rows),
    ]
    return "\n\n".join(parts)


def _head(rows: Sequence[Row]) -> str:
    cases = {row.case: row for row in rows}
    commits = sorted({row.commit for row in rows if row.tool == NAME})
    executable = sum(row.executable for row in cases.values())
    gone = sum(row.verdict == "unavailable" for row in cases.values())
    return (
        f"{len(cases)} cases, {executable} executed here, {gone} not to be had; "
        f"engine {', '.join(commits) or 'not run'}"
    )


def _tests_table(rows: Sequence[Row], tools: Sequence[str]) -> str:
    body = []
    for tool in tools:
        mine = [row for row in rows if row.tool == tool]
        count = Counter(row.verdict for row in mine)
        complete = count["resolved"] + count["wrong"]
        body.append((
            tool,
            str(len(mine)),
            _share(count["resolved"], len(mine)),
            str(count["wrong"]),
            _share(count["resolved"], complete),
            str(sum(row.closeness == "identical" for row in mine)),
            str(sum(row.closeness == "syntax" for row in mine)),
            str(sum(row.placed == "partial" for row in mine)),
        ))  # fmt: skip
    head = ("tool", "cases", "resolved", "wrong but confident", "precision", "identical", "equal by syntax", "partial")
    return _table(head, body)


def _shares(rows: Sequence[Row], tools: Sequence[str], group: Callable[[Row], str]) -> str:
    body = []
    for name in sorted({group(row) for row in rows}):
        mine = [row for row in rows if group(row) == name and row.verdict != "unavailable"]
        cells = []
        for tool in tools:
            own = [row for row in mine if row.tool == tool]
            cells.append(f"{sum(row.good for row in own)} ({sum(row.verdict == 'wrong' for row in own)} wrong)")
        body.append((name, str(len({row.case for row in mine})), *cells))
    return _table(("", "cases", *tools), body)


def _verdicts(rows: Sequence[Row], tools: Sequence[str]) -> str:
    names = ("resolved", "wrong", "same", "unknown", "incomplete", "unavailable")
    body = []
    for tool in tools:
        count = Counter(row.verdict for row in rows if row.tool == tool)
        body.append((tool, *(str(count[name]) for name in names)))
    return _table(("tool", *names), body)


def _rungs(rows: Sequence[Row]) -> str:
    complete = [row for row in rows if row.placed == "complete"]
    body = []
    for rung in sorted({row.rung for row in complete}):
        count = Counter(row.verdict for row in complete if row.rung == rung)
        judged = count["resolved"] + count["same"] + count["wrong"]
        cells = (str(count[name]) for name in ("resolved", "same", "wrong", "unknown"))
        body.append((rung, *cells, _share(judged - count["wrong"], judged)))
    return _table(("rung", "resolved", "same", "wrong", "unknown", "precision where judged"), body)


def _calibration(rows: Sequence[Row]) -> str:
    """A settled hunk is right when its case is resolved or the same, wrong when the case is wrong."""
    counted: Counter[tuple[str, str]] = Counter()
    hunks = 0
    for row in rows:
        if row.verdict == "unavailable":
            continue
        hunks += len(row.rungs)
        for status, rung in row.rungs:
            if status != "unplaced":
                counted[f"{rung or '-'} {status}", row.verdict] += 1
    body = []
    for name in sorted({name for name, _ in counted}):
        right = counted[name, "resolved"] + counted[name, "same"]
        wrong = counted[name, "wrong"]
        unjudged = counted[name, "unknown"] + counted[name, "incomplete"]
        body.append((name, str(right), str(wrong), str(unjudged), _share(right, right + wrong), _share(right, hunks)))
    head = ("rung and status", "right", "wrong", "not judged", "precision", f"recall of {hunks} hunks")
    return _table(head, body)


def _times(rows: Sequence[Row]) -> str:
    picks = {row.case: row for row in rows if row.tool == PICK}
    ours = [
        (row, picks[row.case]) for row in rows if row.tool == NAME and row.case in picks and row.placed != "crashed"
    ]
    ours = [(row, pick) for row, pick in ours if pick.seconds > 0 and pick.cpu > 0]
    if not ours:
        return "not measured"
    body = []
    for name, mine, theirs in (
        ("processor time", [r.cpu for r, _ in ours], [p.cpu for _, p in ours]),
        ("wall time, engine alone", [r.seconds for r, _ in ours], [p.seconds for _, p in ours]),
        ("wall time with reading from git", [r.seconds + r.reading for r, _ in ours], [p.seconds for _, p in ours]),
    ):
        ratio = median(one / other for one, other in zip(mine, theirs, strict=True))
        slowest = max(mine)
        cells = (f"{1000 * median(mine):.0f} ms", f"{1000 * median(theirs):.0f} ms", f"{ratio:.2f}", f"{slowest:.1f} s")
        body.append((name, *cells))
    return _table(("", "avr, median", f"{PICK} -n, median", "median ratio per case", "avr, slowest"), body)


def _lists(rows: Sequence[Row]) -> str:
    mine = [row for row in rows if row.tool == NAME]
    lines = []
    for title, chosen in (
        ("wrong but confident", [row for row in mine if row.verdict == "wrong"]),
        ("executable and not complete", [row for row in mine if row.executable and row.verdict == "incomplete"]),
        ("complete, differs, nothing to execute", [row for row in mine if row.verdict == "unknown"]),
        ("crashed", [row for row in mine if row.placed == "crashed"]),
    ):
        lines.append(f"- {title} ({len(chosen)}): {', '.join(sorted(row.case for row in chosen)) or 'none'}")
    cases = {row.case: row for row in rows}
    reasons = Counter(row.harness for row in cases.values() if row.harness)
    lines += [f"- not executed, {count} cases: {why}" for why, count in reasons.most_common()]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "-"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
