"""docs/attackers.md names, for every attacker of the model, checks that are there and proved."""

import re

import pytest

from docs.generator import DOCS
from docs.generator.clauses import in_code, in_tests
from docs.generator.requirement_groups import groups
from tests.architecture.findings import assert_none

requirement = pytest.mark.requirement
ATTACKERS = ("A1", "A1a", "A2", "A3a", "A3b", "A5", "A7")
GOALS = ("Authorization", "Authentication", "Session integrity")
PREFIXES = "|".join(re.escape(group.prefix) for group in groups())
CITED = re.compile(rf"(?<![\w-])(?:{PREFIXES})[A-Z0-9](?:[\w.-]*\w)?")


def rows() -> dict[str, list[str]]:
    """The clauses of the last column, by the first one's name."""
    found = {}
    for line in (DOCS / "attackers.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) in (3, 4):
            found[cells[0].partition(",")[0]] = [each.strip() for each in cells[-1].split(",")]
    return found


@requirement("CBUAE-4.1")
@pytest.mark.parametrize("name", [*GOALS, *ATTACKERS])
def test_every_goal_and_every_attacker_is_answered_by_checks_that_tests_prove(name):
    cited = rows()[name]

    assert cited
    assert_none(sorted(set(cited) - set(in_tests())), f"clauses against {name} without a test")
    assert set(cited) & set(in_code()), name


@requirement("CBUAE-4.1")
def test_every_clause_of_the_page_is_enforced_or_proved():
    cited = set(CITED.findall((DOCS / "attackers.md").read_text()))

    assert len(cited) > 25
    ours = {"CBUAE-4.1"}
    assert_none(sorted(cited - ours - set(in_code()) - set(in_tests())), "clauses of nothing")
