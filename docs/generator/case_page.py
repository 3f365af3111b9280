"""docs/case-coverage.md: each case of docs/cases.md, the code against it, the tests that try it."""

import re
from functools import cache

from authserver.protocol.clauses import is_case
from docs.generator.clauses import cases_in_code, cases_in_tests, in_order
from docs.generator.markdown import code, linked, page, table
from docs.generator.source import ROOT

CASES = ROOT / "docs" / "cases.md"
HEADING = re.compile(r"^## (?P<prefix>[A-Z]+): (?P<title>.+)$", re.MULTILINE)
ROW = re.compile(r"^\| (?P<case>[A-Z]+-\d+) \| (?P<sentence>.+) \|$", re.MULTILINE)
SHOWN = 4

INTRODUCTION = """\
Where each case of [cases.md](cases.md) stands: in the code that is marked with its number
(`@case(...)`) and in the tests (`@pytest.mark.case(...)`). A file without the name of a test has
the number among the values that its tests try. A case that no single check stands against is held
by how parts work together: it has tests, and no place in the code."""


def render() -> str:
    return page("Cases: code and tests", INTRODUCTION, *_groups())


@cache
def defined() -> dict[str, str]:
    """Case -> its sentence, in the order of the page."""
    rows = ROW.finditer(CASES.read_text(encoding="utf-8"))
    return {row["case"]: row["sentence"] for row in rows if is_case(row["case"])}


def used() -> list[str]:
    return in_order(set(cases_in_code()) | set(cases_in_tests()))


def _groups() -> list[str]:
    parts = []
    for heading in HEADING.finditer(CASES.read_text(encoding="utf-8")):
        title = f"{heading['prefix']}: {heading['title']}"
        ours = [each for each in used() if each.startswith(f"{heading['prefix']}-")]
        parts.append(f"## {linked(title, f'cases.md#{_anchor(title)}')}")
        parts.append(
            table(
                ["Case", "In the code", "Tried by"],
                (
                    [
                        each,
                        _places(cases_in_code().get(each, [])),
                        _places(cases_in_tests().get(each, [])),
                    ]
                    for each in ours
                ),
            )
        )
    return parts


def _places(places: list[str]) -> str:
    more = f"<br>and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return "<br>".join(map(code, places[:SHOWN])) + more


def _anchor(title: str) -> str:
    """As GitHub makes it: small letters, no punctuation, a hyphen for each blank."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
