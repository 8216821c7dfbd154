"""The code in an advisory's prose: its Markdown (https://spec.commonmark.org) read by markdown-it-py. Pure.

The prose is a stranger's: what is looked at and what is kept is bounded, and nothing of it is evaluated.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

LOOKED_AT = 64 << 10
"""How much of a text is read, in characters."""
LARGEST = 16 << 10
"""A longer block is left out, in characters."""
MOST = 12
"""How many blocks of a record are kept."""

_PYTHON = frozenset({"", "python", "python3", "py", "py3", "pycon", "python-repl", "ipython"})
_REMEDY = re.compile(
    r"\b(fix|fixes|fixed|patch|patches|patched|mitigation|mitigations|remediation|workaround|workarounds|solutions?|"
    r"suggest\w*|recommend\w*|upgrade|upgrading)\b",
    re.IGNORECASE,
)
"""Headings below which code shows the remedy and not the hole."""
_SIGNS = ("```", "~~~", ">>>", "    ")


def python_blocks(prose: str) -> tuple[str, ...]:
    """The blocks of a text that may be Python, in order; those below a heading about the remedy are left out."""
    if not any(sign in prose for sign in _SIGNS):
        return ()
    tokens = MarkdownIt("commonmark", {"maxNesting": 20}).disable("inline").parse(prose[:LOOKED_AT])
    kept = (each for each in _blocks(tokens) if 0 < len(each) <= LARGEST and "\0" not in each)
    return tuple(each for each, _ in zip(kept, range(MOST), strict=False))


def _blocks(tokens: list[Token]) -> Iterator[str]:
    heading = remedy = False
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            heading = token.type == "heading_open"
        elif heading and token.type == "inline":
            remedy = bool(_REMEDY.search(token.content)) and "PoC" not in token.content
        elif not remedy and _may_be_python(token):
            yield token.content


def _may_be_python(token: Token) -> bool:
    language = token.info.strip().partition(" ")[0].lower().strip("{}.") if token.type == "fence" else ""
    return token.type in {"fence", "code_block"} and language in _PYTHON
