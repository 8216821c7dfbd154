"""Which tests a JavaScript test file holds, by their titles: what `it`, `test` and their like are given first.

Results of such files are named `path::group::title`; a title that is put together when it runs is not known here.
"""

import re

SUFFIXES = (".js", ".cjs", ".mjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".es6")
WHOLE = frozenset({"(program)", "(file)"})
"""What the result of a file as a whole is called."""
_TITLE = re.compile(r"""\b(?:it|test|specify|tape|tap|Deno\.test)(?:\.\w+)*\s*\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1""")


def is_script(path: str) -> bool:
    """Whether a path is that of a script."""
    return path.endswith(SUFFIXES)


def titles(source: bytes) -> dict[str, str]:
    """The text of each test by its title, from there to the next; what stands before the first belongs to none."""
    text = source.decode("utf-8", "replace")
    found = list(_TITLE.finditer(text))
    ends = [*(each.start() for each in found), len(text)][1:]
    tests: dict[str, str] = {}
    for each, end in zip(found, ends, strict=True):
        title = each[2].replace("\\'", "'").replace('\\"', '"').strip()
        tests[title] = tests.get(title, "") + text[each.start() : end].strip()
    return tests


def names(test: str, wanted: frozenset[str]) -> bool:
    """Whether the id of a result names one of these titles, in whatever group it stands."""
    parts = [each.partition("#")[0] for each in test.split("::")[1:]]
    return any(each in parts or test.endswith(f" {each}") or f"::{each}#" in f"{test}#" for each in wanted)
