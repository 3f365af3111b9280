"""Members of a request of every wrong type, plain and signed: the code of their specification."""

import json
from dataclasses import fields

import pytest

from authserver.protocol.specs.authorization_request import STRINGS, AuthorizationRequest
from tests.support import details
from tests.support.assertions import nothing_stored, refused

requirement = pytest.mark.requirement

JSON = {
    "text": "text",
    "a number": 7,
    "a fraction": 1.5,
    "true": True,
    "false": False,
    "a list": ["text"],
    "a list of numbers": [7],
    "an empty list": [],
    "an object": {"text": "text"},
    "an empty object": {},
}
FITS = {
    **{name: {"text"} for name in STRINGS},
    "scope": {"text"},
    "resource": {"text", "a list", "an empty list"},
    "max_age": {"a number"},
    "claims": {"an object", "an empty object"},
    "authorization_details": set[str](),
}
MEMBERS = [field.name for field in fields(AuthorizationRequest)]
WRONG = [(name, kind) for name in MEMBERS for kind in JSON if kind not in FITS[name]]
AS_TEXT = {
    "claims": [kind for kind in JSON if kind not in FITS["claims"]],
    "authorization_details": list(JSON),
    "max_age": ["text", "a fraction", "true", "false", "a list", "an object"],
}


@requirement("JAR-4", "RAR-5")
@pytest.mark.parametrize(("name", "kind"), WRONG)
def test_a_member_of_a_wrong_type_in_a_request_object_is_refused(tpp, name, kind):
    rich = name == "authorization_details"
    with nothing_stored():
        refused(
            tpp.push_signed(**{name: JSON[kind]}),
            "invalid_authorization_details" if rich else "invalid_request_object",
        )


@requirement("JAR-4", "RAR-5")
@pytest.mark.parametrize("name", ["claims", "authorization_details"])
def test_what_is_json_is_not_written_as_text_in_a_request_object(tpp, name):
    right = {"claims": {}, "authorization_details": [details.account_information()]}[name]
    rich = name == "authorization_details"
    with nothing_stored():
        refused(
            tpp.push_signed(**{name: json.dumps(right)}),
            "invalid_authorization_details" if rich else "invalid_request_object",
        )


@requirement("PAR-2.1", "RAR-5")
@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in AS_TEXT.items() for kind in kinds]
)
def test_a_member_of_a_wrong_type_in_a_form_is_refused(tpp, name, kind):
    rich = name == "authorization_details"
    sent = JSON[kind] if kind == "text" else json.dumps(JSON[kind])
    with nothing_stored():
        refused(
            tpp.push(**{name: sent}),
            "invalid_authorization_details" if rich else "invalid_request",
        )


@requirement("JAR-4")
def test_the_right_types_are_accepted(tpp):
    assert tpp.push_signed(max_age=300, claims={}, resource=[]).status_code == 201
    assert tpp.push(max_age="300", claims="{}").status_code == 201


@requirement("RAR-5")
def test_details_that_are_too_many_are_refused_by_their_code(tpp):
    purpose = json.dumps([details.account_information(purpose="x" * 100_000)])
    shorter = [details.account_information(purpose="x" * 20_000)]
    with nothing_stored():
        refused(tpp.push(authorization_details=purpose), "invalid_authorization_details")
        refused(
            tpp.push_signed(authorization_details=shorter),
            "invalid_authorization_details",
        )


@requirement("RFC6749-3.2")
@pytest.mark.parametrize("size", [131_072, 1_000_000])
def test_what_is_larger_than_a_body_may_be_is_413(tpp, size):
    with nothing_stored():
        refused(tpp.push(authorization_details="x" * size), "invalid_request", status=413)
        refused(tpp.push_signed(state="x" * size), "invalid_request", status=413)
