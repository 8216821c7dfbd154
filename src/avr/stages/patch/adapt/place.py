"""Open edits asked again with the fix translated to what the pin speaks: other names, JavaScript for TypeScript."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from avr.model.backport import Rung
from avr.stages.patch.adapt.dialect import known
from avr.stages.patch.adapt.learned import learn, learn_inside
from avr.stages.patch.adapt.lower import lower
from avr.stages.patch.adapt.translate import Dialect, translated
from avr.stages.patch.adapt.typescript import javascript, shipped_path
from avr.stages.patch.adapt.words import bindings
from avr.stages.patch.change import Placement, Present, Refusal, Unneeded, Upstream
from avr.stages.patch.languages import read
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.portfile import port
from avr.stages.patch.question import Question, Reply, Solution
from avr.stages.patch.structure.place import place_structure
from avr.stages.patch.structure.variables import with_var
from avr.stages.patch.text import Text
from avr.tools.diff import edits

_SCORE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The fix in another light: the file of the pin, the translated change, and how it was translated."""

    path: str
    upstream: Upstream
    how: str
    spoken: Upstream | None = None
    """The change before names were exchanged, where they were."""


def place_adapted(question: Question) -> Reply:
    """Place open edits through translations of the fix, one after the other; the first that places an edit wins."""
    solutions: list[Solution] = []
    still = list(question.open)
    tried: list[str] = []
    for view in _views(question):
        tried.append(view.how)
        found = _asked(view, question, still)
        solutions += found
        still = [index for index in still if all(index not in each.edits for each in found)]
        if not still:
            break
    reason = f"no place either with {'; '.join(tried)}" if tried else "nothing to translate"
    return Reply(solutions=tuple(solutions), reasons=tuple((index, reason) for index in still))


def _views(question: Question) -> Iterator[_View]:
    shipped = _shipped(question)
    if shipped is not None:
        yield shipped
    upstream, path = (shipped.upstream, shipped.path) if shipped else (question.upstream, question.path)
    if path is None or path not in question.tree or upstream.language is None:
        return
    before = read(upstream.language, upstream.before.lines)
    ours = read(upstream.language, Text.of(question.tree.files[path]).lines)
    if before is None or ours is None:
        return
    lines = [upstream.edits[index].a0 for index in question.open]
    dialects = [learn(before, ours), *(learn_inside(before, ours, line) for line in dict.fromkeys(lines))]
    dialects.append(dict(known(bindings(before).keys() - bindings(ours).keys(), ours)))
    for dialect in _distinct(dialects):
        changed = _spoken(upstream, dialect)
        told = ", ".join(f"{' '.join(old)!r} as {new!r}" for old, new in sorted(dialect.items()))
        yield _View(path=path, upstream=changed, how=told, spoken=upstream)
        if lowered := _lowered(changed, path, question):
            yield lowered
    if lowered := _lowered(upstream, path, question):
        yield lowered


def _lowered(upstream: Upstream, path: str, question: Question) -> _View | None:
    """The fix in the syntax of the pin's oldest Python, where every edit stays one."""
    minimum = question.around.minimum
    if minimum is None or upstream.language is not PYTHON:
        return None
    own = Text.of(question.tree.files[path])
    lowered = lower(upstream.before, upstream.after, minimum, own)
    if not lowered.done:
        return None
    made = edits(upstream.before.lines, lowered.text.lines)
    if [(each.a0, each.a1) for each in made] != [(each.a0, each.a1) for each in upstream.edits]:
        return None
    how = f"the syntax of Python {minimum[0]}.{minimum[1]}"
    return _View(path=path, upstream=replace(upstream, after=lowered.text, edits=made), how=how)


def _distinct(dialects: Sequence[Dialect]) -> list[Dialect]:
    return [each for n, each in enumerate(dialects) if each and each not in dialects[:n]]


def _spoken(upstream: Upstream, dialect: Dialect) -> Upstream:
    language = upstream.language
    assert language is not None, "a dialect is learned from statements"
    before, after = (translated(text, language, dialect) for text in (upstream.before, upstream.after))
    return replace(upstream, before=before, after=after)


def _shipped(question: Question) -> _View | None:
    """The fix to a TypeScript file as one to the JavaScript that the pin has."""
    path = shipped_path(question.tree, question.upstream.path)
    if path is None or question.path is not None:
        return None
    tsx = question.upstream.path.endswith(".tsx")
    before, after = javascript(question.upstream.before, tsx=tsx), javascript(question.upstream.after, tsx=tsx)
    if before is None or after is None:
        return None
    name = str(PurePosixPath(question.upstream.path).with_suffix(".js"))
    upstream = replace(question.upstream, before=before, after=after, path=name)
    ours = read(upstream.language, Text.of(question.tree.files[path]).lines)
    upstream = with_var(upstream, ours) if ours else upstream
    return _View(path=path, upstream=upstream, how="the types taken off")


def _asked(view: _View, question: Question, still: Sequence[int]) -> list[Solution]:
    upstream = view.upstream
    empty = [i for i in still if upstream.removed(upstream.edits[i]) == upstream.added(upstream.edits[i])]
    empty = empty if upstream.path != question.upstream.path else []
    found = [
        Solution(
            edits=(i,), path=view.path, verdict=Unneeded(rung=Rung.ADAPT, reason=f"nothing is left with {view.how}")
        )
        for i in empty
    ]
    wanted = [index for index in still if index not in empty]
    answers = port(upstream, Text.of(question.tree.files[view.path]), wanted).answers
    shared: dict[Placement | Present, list[int]] = {}
    for index in wanted:
        verdict = answers[index].verdict
        if isinstance(verdict, Placement | Present) and not (view.spoken and _mixes(view.spoken, view.upstream, index)):
            shared.setdefault(verdict, []).append(index)
        elif not isinstance(verdict, Refusal | Placement | Present):
            found.append(Solution(edits=(index,), path=view.path, verdict=verdict))
    for verdict, indices in shared.items():
        found.append(Solution(edits=tuple(indices), path=view.path, verdict=_adapted(verdict)))
    left = [index for index in wanted if isinstance(answers[index].verdict, Refusal)]
    return [*found, *_in_definitions(view, question, left)]


def _in_definitions(view: _View, question: Question, left: Sequence[int]) -> Iterator[Solution]:
    """What is open still asked in the definitions that hold it, where the fix is in another language now."""
    if view.upstream.path == question.upstream.path or not left:
        return
    asked = replace(question, upstream=view.upstream, path=view.path, open=tuple(left))
    for each in place_structure(asked).solutions:
        if not isinstance(each.verdict, Unneeded):
            yield replace(each, verdict=_adapted(each.verdict))


def _mixes(before: Upstream, after: Upstream, index: int) -> bool:
    """Whether upstream's own lines use a name that the translation brings in for another."""
    edit = before.edits[index]
    old = (*before.removed(edit), *before.added(edit))
    new = (*after.removed(edit), *after.added(edit))
    used = {word for line in old for word in _words(line)}
    return any((set(_words(two)) - set(_words(one))) & used for one, two in zip(old, new, strict=True))


def _words(line: str) -> list[str]:
    return "".join(char if char.isalnum() or char == "_" else " " for char in line).split()


def _adapted(verdict: Placement | Present) -> Placement | Present:
    if isinstance(verdict, Present):
        return replace(verdict, rung=Rung.ADAPT)
    return replace(verdict, rung=Rung.ADAPT, verbatim=False, score=min(verdict.score, _SCORE))
