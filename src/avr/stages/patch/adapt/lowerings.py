"""Syntax of newer Pythons and how it was written before: each rule finds its nodes and says what to put there."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from avr.stages.patch.adapt.runtimes import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a text: lines from 0, columns in characters."""

    line: int
    column: int
    last: int
    end: int

    @classmethod
    def of(cls, node: ast.expr | ast.stmt | ast.arg) -> "Span":
        """Where a node stands."""
        last, end = node.end_lineno, node.end_col_offset
        assert last is not None, "the parser gives ends"
        assert end is not None, "the parser gives ends"
        return cls(line=node.lineno - 1, column=node.col_offset, last=last - 1, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowering:
    """`text` in the place of `span`, and `above` as a line of its own in front of the statement on line `at`.

    `text` is None where nobody knows how: then `what` is the reason.
    """

    what: str
    span: Span
    text: str | None
    above: str = ""
    at: int = 0

    def lower(self, lines: int) -> "Lowering":
        """The same so many lines further down."""
        span = replace(self.span, line=self.span.line + lines, last=self.span.last + lines)
        return replace(self, span=span, at=self.at + lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the rules ask of the file: its text, and what stands around a node."""

    lines: tuple[str, ...]
    parents: dict[ast.AST, ast.AST]
    bound: frozenset[str]

    def raw(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        span = Span.of(node)
        if span.line == span.last:
            return self.lines[span.line][span.column : span.end]
        inner = self.lines[span.line + 1 : span.last]
        return "\n".join([self.lines[span.line][span.column :], *inner, self.lines[span.last][: span.end]])

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node


Rule = Callable[[ast.AST, Context], Iterator[Lowering]]


def _walrus(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if not isinstance(node, ast.NamedExpr):
        return
    span, name = Span.of(node), node.target.id
    line = context.lines[span.line]
    inside = line[: span.column].endswith("(") and context.lines[span.last][span.end :].startswith(")")
    if inside:
        span = Span(line=span.line, column=span.column - 1, last=span.last, end=span.end + 1)
    statement = _evaluated_first(node, context)
    known = statement is not None and inside
    yield Lowering(
        what="an assignment expression",
        span=span,
        text=name if known else None,
        above=f"{name} = {context.raw(node.value)}",
        at=statement.lineno - 1 if statement else 0,
    )


def _evaluated_first(node: ast.expr, context: Context) -> ast.stmt | None:
    """The statement whose evaluation begins with this expression, if it is one that runs once."""
    below: ast.AST = node
    for above in context.around(node):
        if isinstance(above, ast.If | ast.Return | ast.Assign | ast.Expr | ast.Assert):
            parent = context.parents.get(above)
            first = context.lines[above.lineno - 1].lstrip()
            chained = isinstance(parent, ast.If) and first.startswith("elif")
            return None if chained or (isinstance(above, ast.If) and above.test is not below) else above
        begins = {
            ast.Compare: lambda each: each.left,
            ast.BoolOp: lambda each: each.values[0],
            ast.BinOp: lambda each: each.left,
            ast.UnaryOp: lambda each: each.operand,
            ast.Attribute: lambda each: each.value,
            ast.Subscript: lambda each: each.value,
            ast.Call: lambda each: each.func,
        }.get(type(above))
        if begins is None or begins(above) is not below:
            return None
        below = above
    return None


def _annotations(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if isinstance(node, ast.arg) and node.annotation is not None:
        span = Span.of(node)
        default = context.lines[span.last][span.end :].startswith(" = ")
        end = span.end + (3 if default else 0)
        whole = Span(line=span.line, column=span.column, last=span.last, end=end)
        yield Lowering(what="an annotation", span=whole, text=node.arg + ("=" if default else ""))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        span = Span.of(node.returns)
        before = context.lines[span.line][: span.column]
        arrow = before.rstrip().removesuffix("->").rstrip()
        known = before.rstrip().endswith("->")
        whole = Span(line=span.line, column=len(arrow), last=span.last, end=span.end)
        yield Lowering(what="an annotation", span=whole, text="" if known else None)


def _variables(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if isinstance(node, ast.AnnAssign):
        target = context.raw(node.target)
        text = f"{target} = {context.raw(node.value)}" if node.value is not None else None
        yield Lowering(what="the annotation of a variable", span=Span.of(node), text=text)


def _unions(node: ast.AST, context: Context) -> Iterator[Lowering]:
    """`X | Y` in an annotation: `Optional[X]` where the file has it, else the annotation as a string."""
    for annotation in _annotated(node):
        parts = [
            each for each in ast.walk(annotation) if isinstance(each, ast.BinOp) and isinstance(each.op, ast.BitOr)
        ]
        if not parts:
            continue
        text = _optional(annotation, context)
        in_class = isinstance(node, ast.AnnAssign) and isinstance(context.parents.get(node), ast.ClassDef)
        raw = context.raw(annotation)
        quoted = None if in_class or "\n" in raw or '"' in raw else f'"{raw}"'
        yield Lowering(what="a union of types", span=Span.of(annotation), text=text or quoted)


def _optional(annotation: ast.expr, context: Context) -> str | None:
    if not isinstance(annotation, ast.BinOp) or not isinstance(annotation.left, ast.Name | ast.Attribute):
        return None
    is_none = isinstance(annotation.right, ast.Constant) and annotation.right.value is None
    return f"Optional[{context.raw(annotation.left)}]" if is_none and "Optional" in context.bound else None


def _generics(node: ast.AST, context: Context) -> Iterator[Lowering]:
    """`list[int]` in an annotation."""
    builtin = {"list", "dict", "set", "frozenset", "tuple", "type"}
    for annotation in _annotated(node):
        parts = [each for each in ast.walk(annotation) if isinstance(each, ast.Subscript)]
        if not any(isinstance(each.value, ast.Name) and each.value.id in builtin for each in parts):
            continue
        in_class = isinstance(node, ast.AnnAssign) and isinstance(context.parents.get(node), ast.ClassDef)
        raw = context.raw(annotation)
        quoted = None if in_class or "\n" in raw or '"' in raw else f'"{raw}"'
        yield Lowering(what="a generic built-in type", span=Span.of(annotation), text=quoted)


def _annotated(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.arg) and node.annotation is not None:
        return [node.annotation]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        return [node.returns]
    return [node.annotation] if isinstance(node, ast.AnnAssign) else []


def _super(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if not isinstance(node, ast.Call) or node.args or node.keywords or not isinstance(node.func, ast.Name):
        return
    if node.func.id != "super":
        return
    around = list(context.around(node))
    function = next((each for each in around if isinstance(each, ast.FunctionDef)), None)
    holder = context.parents.get(function) if function else None
    known = isinstance(holder, ast.ClassDef) and function is not None and bool(function.args.args)
    text = None
    if known and isinstance(holder, ast.ClassDef) and function is not None:
        text = f"super({holder.name}, {function.args.args[0].arg})"
    yield Lowering(what="super() without arguments", span=Span.of(node), text=text)


def _raise_from(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if isinstance(node, ast.Raise) and node.cause is not None and node.exc is not None:
        yield Lowering(what="raise ... from", span=Span.of(node), text=f"raise {context.raw(node.exc)}")


def _keyword_only(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if isinstance(node, ast.arguments) and node.kwonlyargs:
        first = node.kwonlyargs[0]
        line, column = first.lineno - 1, first.col_offset
        bare = node.vararg is None and context.lines[line][:column].endswith("*, ")
        optional = all(each is not None for each in node.kw_defaults)
        span = Span(line=line, column=column - 3 if bare else column, last=line, end=column)
        yield Lowering(what="a keyword-only parameter", span=span, text="" if bare and optional else None)


def _positional_only(node: ast.AST, context: Context) -> Iterator[Lowering]:
    if isinstance(node, ast.arguments) and node.posonlyargs:
        last = node.posonlyargs[-1]
        span = Span.of(last)
        bare = context.lines[span.last][span.end :].startswith(", /")
        gap = Span(line=span.last, column=span.end, last=span.last, end=span.end + 3)
        yield Lowering(what="a positional-only parameter", span=gap if bare else span, text="" if bare else None)


def _affixes(node: ast.AST, context: Context) -> Iterator[Lowering]:
    """`removeprefix` and `removesuffix`, where what they are asked of can be said twice."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 1:
        return
    if node.func.attr not in {"removeprefix", "removesuffix"}:
        return
    value, affix = context.raw(node.func.value), context.raw(node.args[0])
    plain = all(_is_plain(each) for each in (node.func.value, node.args[0]))
    ends = node.func.attr == "removesuffix"
    size = _size(node.args[0]) or f"len({affix})"
    cut = f"{value}[:-{size}]" if ends else f"{value}[{size}:]"
    never = f"{affix} and " if ends and not _size(node.args[0]) else ""
    asked = f"{never}{value}.endswith({affix})" if ends else f"{value}.startswith({affix})"
    yield Lowering(
        what=f"str.{node.func.attr}", span=Span.of(node), text=f"({cut} if {asked} else {value})" if plain else None
    )


def _size(node: ast.expr) -> str:
    """The length of a literal; empty where it is none."""
    return str(len(node.value)) if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) else ""


def _is_plain(node: ast.expr) -> bool:
    inner = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(inner, ast.Name) or (isinstance(inner, ast.Constant) and inner.value not in {"", b""})


def _unwritable(node: ast.AST, context: Context) -> Iterator[Lowering]:
    del context
    if isinstance(node, ast.Match):
        yield Lowering(what="a match statement", span=Span.of(node), text=None)


def _groups(node: ast.AST, context: Context) -> Iterator[Lowering]:
    del context
    if isinstance(node, ast.TryStar):
        yield Lowering(what="except*", span=Span.of(node), text=None)


def _of_three(node: ast.AST, context: Context) -> Iterator[Lowering]:
    del context
    if isinstance(node, ast.Nonlocal | ast.YieldFrom | ast.AsyncFunctionDef | ast.Await):
        yield Lowering(what=f"{type(node).__name__.lower()}", span=Span.of(node), text=None)


RULES: tuple[tuple[Runtime, Rule], ...] = (
    ((3, 11), _groups),
    ((3, 10), _unwritable),
    ((3, 10), _unions),
    ((3, 9), _generics),
    ((3, 9), _affixes),
    ((3, 8), _walrus),
    ((3, 8), _positional_only),
    ((3, 6), _variables),
    ((3, 0), _annotations),
    ((3, 0), _keyword_only),
    ((3, 0), _super),
    ((3, 0), _raise_from),
    ((3, 0), _of_three),
)
"""The first Python that knows a piece of syntax, and the rule that takes it away."""
