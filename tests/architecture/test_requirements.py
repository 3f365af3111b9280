"""One string names a clause in the code, in the test that proves it and in the suite's log."""

import ast
import re

import pytest

from authserver.protocol import profiles
from authserver.protocol.profiles.base import OUR_CHOICE
from authserver.protocol.profiles.table import rules
from docs.generator.clauses import in_code, in_order, in_tests
from docs.generator.requirement_groups import group_of
from docs.generator.requirement_page import suite_ids, without_check
from docs.generator.source import PRODUCT, ROOT, modules
from tests.architecture.findings import assert_none

SECTION = re.compile(r"([A-Z]+-)?([A-Z]\.)?\d[\w.]*(-[\d.]+)?|[A-Z]")
PROFILES = pytest.mark.parametrize(
    "profile", profiles.OFFERED.values(), ids=lambda profile: profile.name
)


def places(ids: list[str]) -> list[str]:
    return [f"{each}  ({', '.join(in_code()[each][:3])})" for each in ids]


def test_the_marks_are_found():
    """A reader that finds nothing would let everything below pass."""
    assert "authserver/endpoints/par.py:request_is_no_reference" in in_code()["PAR-2.1-2"]
    assert "authserver/protocol/profiles/cbuae.py:request_object_age" in in_code()["CBUAE-2.1.11"]
    here = "tests/specifications/rfc9126_par/test_push.py::test_a_reference_cannot_be_pushed"
    assert here in in_tests()["PAR-2.1-2"]


def test_every_id_has_the_shape_of_one_and_a_known_document():
    odd = [
        each
        for each in in_order(set(in_code()) | set(in_tests()))
        if (group := group_of(each)) is None
        or not SECTION.fullmatch(each.removeprefix(group.prefix))
    ]

    assert_none(odd, "ids that no document has")


def test_a_test_proves_every_requirement_that_the_code_names():
    unproven = in_order(set(in_code()) - set(in_tests()))

    assert_none(places(unproven), "requirements that no test names")


def test_a_test_proves_what_the_conformance_suite_names():
    assert_none(in_order(suite_ids() - set(in_tests())), "ids of the suite that no test names")


def test_the_code_names_what_the_conformance_suite_names():
    assert_none(without_check(), "ids of the suite that stand nowhere in the code")


@PROFILES
def test_every_value_of_a_profile_has_a_clause_or_is_our_choice(profile):
    assert set(profile.clauses) == {name for name, _ in rules()}


@PROFILES
def test_a_test_proves_every_clause_of_a_profile(profile):
    unproven = [
        f"{clause}  ({name})"
        for name, clause in profile.clauses.items()
        if clause != OUR_CHOICE and clause not in in_tests()
    ]

    assert_none(unproven, f"clauses of {profile.name} that no test names")


@PROFILES
def test_a_test_proves_every_check_of_a_profile(profile):
    unproven = [
        f"{each}  ({check.__name__})"
        for check in profile.authorization_checks
        for each in getattr(check, "requirements", ["no requirement at all"])
        if each not in in_tests()
    ]

    assert_none(unproven, f"checks of {profile.name} that no test names")


@pytest.mark.parametrize(("name", "rule"), rules(), ids=[name for name, _ in rules()])
def test_the_file_that_enforces_a_rule_reads_it(name, rule):
    path = ROOT / rule.enforced
    text = path.read_text() if path.is_file() else ""

    assert f".{name}" in text, f"{rule.enforced} does not read {name}"


def test_nothing_asks_for_a_profiles_name():
    """A profile is data: who compares its name has a rule that the profile does not show."""
    asked = [
        f"{module.path}:{compared.lineno}"
        for module in modules(*PRODUCT)
        for compared in module.nodes
        if isinstance(compared, ast.Compare)
        for side in ast.walk(compared)
        if isinstance(side, ast.Constant) and side.value in profiles.OFFERED
    ]

    assert_none(asked, "places that ask for a profile's name")
