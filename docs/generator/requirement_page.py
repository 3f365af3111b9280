"""docs/requirements.md: each requirement, the check that enforces it, the test that proves it."""

import json
from functools import cache
from pathlib import Path

from docs.generator.clauses import in_code, in_order, in_tests
from docs.generator.markdown import code, linked, page, table
from docs.generator.requirement_groups import Group, address, group_of, groups

MODULES = Path(__file__).with_name("conformance_modules.json")
NOT_OURS = {
    "BrazilOB-": "rules of another ecosystem",
    "OAuth2-ATCA07-": "client attestation, which is not offered",
    "RFC7231-5.3.2": "says what the suite's own requests accept",
}
MISSING = "**missing**"
SHOWN = 4

INTRODUCTION = """\
A requirement is a clause of a specification, of an ecosystem's source, or of the product itself
([product-requirements.md](product-requirements.md)). Its id is the same string in the code
(`@requirement(...)`, or the clause of a profile's value), in the test that proves it
(`@pytest.mark.requirement(...)`), in the answer to a client that is refused for it, and in the log
of the OpenID conformance suite. What the suite names and nobody enforces or proves, and what is
enforced and not proven, is shown as missing. A clause that is proven by how parts work together
has tests and no single check. What is tried beyond the documents stands in [cases.md](cases.md)."""


def render() -> str:
    ids = all_ids()
    return page(
        "Requirements",
        INTRODUCTION,
        _summary(ids),
        *(part for group in groups() for part in _of(group, ids)),
    )


def all_ids() -> set[str]:
    """What the code says it enforces, what tests prove, and what the suite will ask for."""
    return set(in_code()) | set(in_tests()) | suite_ids()


@cache
def suite_ids() -> frozenset[str]:
    """The ids in the suite's logs that concern us, whatever module names them."""
    named = {each for ids in json.loads(MODULES.read_text()).values() for each in ids}
    return frozenset(each for each in named if not each.startswith(tuple(NOT_OURS)))


def without_test() -> list[str]:
    return in_order((set(in_code()) | suite_ids()) - set(in_tests()))


def without_check() -> list[str]:
    """Named by the suite, enforced nowhere."""
    return in_order(suite_ids() - set(in_code()))


def _summary(ids: set[str]) -> str:
    left_out = "; ".join(f"`{prefix}` ({why})" for prefix, why in NOT_OURS.items())
    return "\n".join(
        [
            f"- {len(ids)} requirements.",
            f"- Without a test: {_listed(without_test())}.",
            f"- Named by the suite and enforced nowhere: {_listed(without_check())}.",
            f"- In the suite's logs and none of ours: {left_out}.",
        ]
    )


def _listed(ids: list[str]) -> str:
    return ", ".join(map(code, ids)) or "none"


def _of(group: Group, ids: set[str]) -> list[str]:
    ours = in_order({each for each in ids if group_of(each) == group})
    if not ours:
        return []
    rows = ([linked(each, address(each)), _enforced(each), _proven(each)] for each in ours)
    return [
        f"## {linked(group.title, group.url)}",
        table(["Requirement", "Enforced in", "Proven by"], rows),
    ]


def _enforced(requirement_id: str) -> str:
    places = in_code().get(requirement_id, [])
    if not places and requirement_id in suite_ids():
        return MISSING
    return _places(places)


def _proven(requirement_id: str) -> str:
    return _places(in_tests().get(requirement_id, [])) or MISSING


def _places(places: list[str]) -> str:
    more = f"<br>and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return "<br>".join(map(code, places[:SHOWN])) + more
