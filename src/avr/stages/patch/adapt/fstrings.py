"""Formatted string literals written as `str.format` calls, for Pythons before 3.6."""

import re
from collections.abc import Sequence

from avr.stages.patch.change import Refusal

_LITERAL = re.compile(r"""([A-Za-z]*)('{3}|"{3}|'|")(.*)\2""", re.DOTALL)


def formatted(parts: Sequence[str]) -> str | Refusal:
    """What goes in the place of adjacent literals, at least one of them an f-string; the space between is one blank."""
    written: list[str] = []
    arguments: list[str] = []
    for part in parts:
        match = _LITERAL.fullmatch(part)
        if match is None:
            return Refusal(reason="a string that cannot be read")
        prefix, quote, body = match.groups()
        if "f" not in prefix.lower():
            written.append(f"{prefix}{quote}{body.replace('{', '{{').replace('}', '}}')}{quote}")
            continue
        fields = _fields(body)
        if isinstance(fields, Refusal):
            return fields
        template, inside = fields
        written.append(f"{re.sub('[fF]', '', prefix)}{quote}{template}{quote}")
        arguments += inside
    joined = " ".join(written)
    if not arguments:
        return joined.replace("{{", "{").replace("}}", "}")
    return (
        f"{joined}.format({', '.join(arguments)})" if len(parts) == 1 else f"({joined}).format({', '.join(arguments)})"
    )


def _fields(body: str) -> tuple[str, list[str]] | Refusal:
    """The template, its fields numbered from what came before being left out, and the expressions."""
    template, arguments, at = "", [], 0
    while at < len(body):
        if body.startswith(("{{", "}}"), at):
            template, at = template + body[at : at + 2], at + 2
        elif body[at] == "{":
            end = _closing(body, at)
            field = _field(body[at + 1 : end]) if end else None
            if end is None or field is None:
                return Refusal(reason="an f-string with more than plain fields")
            template, at = template + field[0], end + 1
            arguments.append(field[1])
        else:
            template, at = template + body[at], at + 1
    return template, arguments


def _field(inside: str) -> tuple[str, str] | None:
    """A field as `str.format` writes it, and its expression; None for nested fields and `{name=}`."""
    at = _outside(inside, ":")
    expression, spec = (inside, "") if at is None else (inside[:at], inside[at:])
    conversion = re.search(r"!([rsa])\s*$", expression)
    expression = expression[: conversion.start()] if conversion else expression
    if "{" in spec or expression.rstrip().endswith("=") or not expression.strip() or "\\" in expression:
        return None
    return "{" + (f"!{conversion.group(1)}" if conversion else "") + spec + "}", expression.strip()


def _closing(body: str, at: int) -> int | None:
    depth = 0
    for index in range(at, len(body)):
        depth += (body[index] == "{") - (body[index] == "}")
        if not depth:
            return index
    return None


def _outside(text: str, mark: str) -> int | None:
    """Where `mark` stands outside brackets and strings."""
    depth, quote = 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == mark and not depth:
            return index
        else:
            depth += (char in "([{") - (char in ")]}")
    return None
