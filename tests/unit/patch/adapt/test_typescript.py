"""TypeScript as the JavaScript that is shipped."""

import pytest

from avr.model.source import SourceTree
from avr.stages.patch.adapt.typescript import javascript, shipped_path
from avr.stages.patch.text import Text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("const a: string = b as C;\n", "const a = b;\n"),
        ("f<T>(x!, y?.z);\n", "f(x, y?.z);\n"),
        ("class A implements B {\n  private x: C;\n  private f(a?: T): void {}\n}\n", "class A {\n\n  f(a) {}\n}\n"),
        ("import type { A } from 'a';\ninterface B {\n  c: D;\n}\nb();\n", "\n\n\n\nb();\n"),
        ("const a = b ? c : d;\n", "const a = b ? c : d;\n"),
    ],
)
def test_types_go_and_lines_stay(typed: str, plain: str) -> None:
    """What speaks of types only is taken out; every line keeps its number."""
    text = javascript(Text.of(typed.encode()))
    assert text is not None
    assert text.to_bytes().decode() == plain


def test_what_cannot_be_read_is_refused() -> None:
    """A file with errors has no JavaScript."""
    assert javascript(Text.of(b"class {{ a: \n")) is None


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["lib/a.js"], "lib/a.js"),
        (["dist/a.js"], "dist/a.js"),
        (["dist/a.js", "build/a.js"], None),
        (["other/a.js"], None),
    ],
)
def test_the_shipped_file_is_found_by_its_stem(there: list[str], expected: str | None) -> None:
    """Beside the source, or in the one folder that builds go to; two of them are a tie."""
    assert shipped_path(SourceTree(files=dict.fromkeys(there, b"")), "lib/a.ts") == expected
