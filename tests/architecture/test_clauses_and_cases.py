"""A clause is of a document and may be told; a case is a number of ours and never is."""

import ast
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from authserver.protocol import profiles
from authserver.protocol.clauses import OF_THE_PRODUCT, WITHOUT_ADDRESS, is_case, is_public, link
from authserver.protocol.errors import InvalidRequest, OAuthError
from authserver.protocol.profiles.base import OUR_CHOICE
from authserver.protocol.requirements import case, requirement
from docs.generator import DOCS
from docs.generator.case_page import defined, used
from docs.generator.clauses import (
    NAMED_CASE,
    cases_in_code,
    cases_in_tests,
    in_code,
    in_order,
    in_tests,
)
from docs.generator.raised import refusals
from docs.generator.requirement_page import all_ids
from docs.generator.source import PRODUCT, ROOT, called_name, modules
from tests.architecture.findings import assert_none
from tests.support import answers

DEFINED_BY_US = re.compile(rf"^## ({OF_THE_PRODUCT}\d+)\n\n(.+)$", re.MULTILINE)
SOURCES = modules(*PRODUCT, "deploy")


def test_every_clause_can_be_looked_up():
    """By its link or on our own page; what ``FFI-`` cites, its participants have at hand."""
    without = [each for each in in_order(all_ids()) if not link(each)]
    ours = set(dict(DEFINED_BY_US.findall((DOCS / "product-requirements.md").read_text())))

    assert_none(
        [each for each in without if each not in ours and not each.startswith(WITHOUT_ADDRESS)],
        "clauses that nobody can look up",
    )
    assert any(each.startswith(WITHOUT_ADDRESS) for each in without)


def test_what_the_product_demands_of_itself_is_defined_once_and_used():
    sentences = DEFINED_BY_US.findall((DOCS / "product-requirements.md").read_text())
    named = {each for each in {*in_code(), *in_tests()} if each.startswith(OF_THE_PRODUCT)}

    assert [name for name, _ in sentences] == in_order(named)
    assert all(sentence.endswith(".") for _, sentence in sentences)


def test_every_case_is_defined_once_and_used():
    rows = re.findall(r"^\| ([A-Z]+-\d+) \|", (DOCS / "cases.md").read_text(), re.MULTILINE)

    assert len(rows) == len(set(rows)) > 200
    assert_none(in_order(set(used()) - set(defined())), "cases without a sentence")
    assert_none(in_order(set(defined()) - set(used())), "sentences that nothing is marked with")
    assert all(sentence.endswith(".") for sentence in defined().values())


def test_a_test_tries_every_case_that_the_code_names():
    named = {each for module in SOURCES for each in NAMED_CASE.findall(module.text)}

    assert named >= set(cases_in_code())
    assert_none(in_order(named - set(cases_in_tests())), "cases that no test tries")


def test_a_number_of_a_case_is_a_mark_and_nothing_else():
    """As a text it could be put into an answer, or be compared with what is in one."""
    places = [
        f"{module.path}:{node.lineno}"
        for module in SOURCES
        if module.name != "authserver.protocol.clauses"
        for node in _outside_of_marks(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NAMED_CASE.search(node.value)
    ]
    places += [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("templates/**/*")
        if path.is_file() and NAMED_CASE.search(path.read_text(encoding="utf-8"))
    ]

    assert_none(places, "numbers of cases outside of marks")


def test_every_clause_that_an_error_is_made_with_can_be_looked_up():
    """Those of errors that tell none too: operators read them in the record."""
    written = {
        f"{module.path}:{keyword.value.lineno}": str(keyword.value.value)
        for module in SOURCES
        for call in module.nodes
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "clause" and isinstance(keyword.value, ast.Constant)
    }

    assert len(written) > 40
    private = [place for place, name in written.items() if name and not is_public(name)]
    assert_none(private, "clauses that nobody could look up")


def _outside_of_marks(node):
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Call) and called_name(child) == "case"):
            yield child
            yield from _outside_of_marks(child)


def test_every_refusal_cites_what_its_reader_can_look_up():
    private = [
        f"{each.place}: {clause}"
        for each in refusals()
        for clause in each.clauses
        if not is_public(clause)
    ]

    assert_none(private, "refusals with a clause that nobody outside knows")


@pytest.mark.parametrize("profile", profiles.OFFERED.values(), ids=lambda each: each.name)
def test_every_value_of_a_profile_cites_what_can_be_looked_up(profile):
    cited = {each for clause in profile.clauses.values() for each in clause.split(", ")}

    assert_none(
        [each for each in cited - {OUR_CHOICE} if not is_public(each)], "clauses of nothing"
    )


@pytest.mark.parametrize("name", [OUR_CHOICE, "AZ-33", "F-11", "NOTES-1", "MADE-UP-1", ""])
def test_an_error_keeps_to_itself_what_nobody_could_look_up(name):
    error = InvalidRequest("scope is required", clause=name)

    assert error.public_description == "scope is required"
    assert error.clause == name  # for the record


@pytest.mark.parametrize("name", ["PAR-2.1-2", "FFI-2", "PRODUCT-4", "RFC6749-3.3", "WCAG-2.2.1"])
def test_an_error_tells_its_clause(name):
    error = InvalidRequest("scope is required", clause=name)

    assert error.public_description == f"scope is required [{name}]"


@pytest.mark.parametrize("ids", [("AZ-33",), ("PAR-2.1-2", "F-11"), ("NOTES-1",)])
def test_a_requirement_is_no_case(ids):
    with pytest.raises(ValueError, match="nobody outside can look up"):
        requirement(*ids)


@pytest.mark.parametrize("name", ["PAR-2.1-2", "PRODUCT-1", "FFI-2", "CAA-1"])
def test_a_case_is_no_requirement(name):
    assert not is_case(name)
    with pytest.raises(ValueError, match="no case of the catalogue"):
        case(name)


def refuses():
    raise InvalidRequest("scope is required")


def test_an_error_gets_its_clause_from_the_requirement_alone():
    both: Any = case("AZ-33")(requirement("PAR-2.1-2", "JAR-4")(refuses))
    with pytest.raises(OAuthError) as told:
        both()
    with pytest.raises(OAuthError) as untold:
        case("AZ-33")(refuses)()

    assert (told.value.clause, untold.value.clause) == ("PAR-2.1-2", "")
    assert (both.requirements, both.cases) == (("PAR-2.1-2", "JAR-4"), ("AZ-33",))


@pytest.mark.parametrize(
    "answer",
    [
        JsonResponse({"error": "invalid_request", "error_description": "no [AZ-33]"}, status=400),
        JsonResponse({"error": "invalid_request", "error_description": "no [NOTES-1]"}),
        HttpResponse("<p>no <code>[F-11]</code></p>", status=HTTPStatus.BAD_REQUEST),
        HttpResponse(headers={"WWW-Authenticate": 'Bearer error_description="no [TK-01]"'}),
        HttpResponseRedirect("https://tpp.example/cb?error_description=no+%5BAZ-33%5D"),
        HttpResponse('<a href="https://tpp.example/cb?a=b&amp;error_description=no+%5BAZ-33%5D">'),
        HttpResponse('<a href="/?a=b&amp;response=e30.eyJhIjoibm8gW0FaLTMzXSJ9.c2ln">'),
        HttpResponseRedirect("https://tpp.example/cb?response=e30.eyJhIjoibm8gW0FaLTMzXSJ9.c2ln"),
    ],
    ids=[
        *("JSON", "of nothing", "page", "challenge"),
        *("redirect", "way back", "signed way back", "signed redirect"),
    ],
)
def test_a_number_of_ours_in_any_answer_of_a_test_is_noticed(client, monkeypatch, answer):
    monkeypatch.setattr(answers, "UNTIL_LOOKED_AT", lambda http, **request: answer)

    with pytest.raises(AssertionError):
        client.get("/")
    with pytest.raises(AssertionError):
        answers.require_public_octets(answer.serialize())


@pytest.mark.parametrize(
    "answer",
    [
        JsonResponse({"error": "invalid_request", "error_description": "no [PAR-2.1-2]"}),
        HttpResponseRedirect("https://tpp.example/cb?error_description=no+%5BPRODUCT-1%5D"),
        HttpResponse('<a href="/?a=b&amp;response=e30.eyJhIjoibm8gW1BSRC0xXSJ9.c2ln">'),
    ],
    ids=["JSON", "redirect", "signed way back"],
)
def test_a_clause_in_an_answer_is_left_alone(client, monkeypatch, answer):
    monkeypatch.setattr(answers, "UNTIL_LOOKED_AT", lambda http, **request: answer)

    assert client.get("/") is answer
    answers.require_public_octets(answer.serialize())
