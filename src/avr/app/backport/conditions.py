"""What must hold of every backport whatever the rung, asked of the result itself: each answer is shown. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from avr.app.backport.request import Request
from avr.errors import AvrError
from avr.model.backport import Backport, HunkStatus
from avr.model.fix import Fix
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch.languages import language_of
from avr.tools.unified import apply_unified, unified_tree

Port = Callable[[SourceTree, Sequence[tuple[AdvisoryId, Fix]], SourceTree], Backport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition: whether it holds, and why not."""

    name: str
    holds: bool
    detail: str = ""


def conditions(request: Request, done: Backport, result: SourceTree, port: Port) -> tuple[Condition, ...]:
    """The four conditions of the result, `result` being the pin with code and tests."""
    asked = (_parses, _stays, _reverses, _keeps_scope)
    return tuple(
        Condition(name=name, holds=not problem, detail=problem)
        for check, name in zip(asked, ("parses", "again changes nothing", "reverses", "in scope"), strict=True)
        for problem in [next(check(request, done, result, port), "")]
    )


def _parses(request: Request, done: Backport, result: SourceTree, port: Port) -> Iterator[str]:
    del done, port
    for path in request.pin.differing(result):
        language, before, after = language_of(path), request.pin.get(path), result.get(path)
        if (
            language
            and after is not None
            and not language.parses(after)
            and (before is None or language.parses(before))
        ):
            yield f"{path} does not parse"


def _stays(request: Request, done: Backport, result: SourceTree, port: Port) -> Iterator[str]:
    """Made again on its own result, the backport changes nothing, hunks without a place aside."""
    steps = [(each.advisory, each.fix) for each in done.ported]
    again = port(done.patched, steps, result)
    open_ = {hunk.target or hunk.path for each in done.ported for hunk in each.hunks if _is_open(hunk.status)}
    whole = again.patched.replacing(again.security_tests)
    for path in result.differing(whole):
        if path not in open_:
            yield f"made again, {path} changes once more"
    del request


def _reverses(request: Request, done: Backport, result: SourceTree, port: Port) -> Iterator[str]:
    """The patch leads from the pin to the result, and its reverse back, byte for byte."""
    del done, port
    text = [path for path in request.pin.differing(result) if not _binary(request.pin, result, path)]
    before, after = _only(request.pin, text), _only(result, text)
    if not text:
        return
    try:
        if apply_unified(before, unified_tree(before, after)) != after:
            yield "the patch does not lead to the result"
        if apply_unified(after, unified_tree(after, before)) != before:
            yield "the reversed patch does not lead back"
    except AvrError as error:
        yield error.message


def _keeps_scope(request: Request, done: Backport, result: SourceTree, port: Port) -> Iterator[str]:
    """Every changed file is the place of a hunk, or a test file of the fix."""
    del port
    meant = {hunk.target for each in done.ported for hunk in each.hunks} | done.security_tests.keys()
    yield from (f"{path} is changed by no hunk" for path in request.pin.differing(result) if path not in meant)


def _is_open(status: HunkStatus) -> bool:
    return status is HunkStatus.UNPLACED


def _binary(one: SourceTree, two: SourceTree, path: str) -> bool:
    return b"\0" in (one.get(path) or b"") + (two.get(path) or b"")


def _only(tree: SourceTree, paths: Sequence[str]) -> SourceTree:
    return SourceTree(files={path: data for path in paths if (data := tree.get(path)) is not None})
