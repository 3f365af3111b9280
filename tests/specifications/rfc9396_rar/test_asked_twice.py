"""What is asked for twice is not given twice, and a granted object comes back as it was granted."""

import json
from dataclasses import asdict

import pytest
from django.utils import timezone

from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from consents.models import Consent
from tests.support import details
from tests.support.assertions import nothing_stored, refused

requirement = pytest.mark.requirement
TWICE = "has the same object twice"


def account():
    return details.account_information(now=timezone.now())


def reordered(detail):
    return dict(reversed(detail.items()))


@requirement("RAR-2", "RAR-5")
@pytest.mark.parametrize("door", ["push", "signed", "client_credentials"])
def test_a_detail_is_asked_for_once(tpp, door):
    one = account()
    if door == "client_credentials":
        one = {"type": "bilateral_contract", "contract_id": "1"}

    def ask(asked):
        if door == "push":
            return tpp.push(authorization_details=json.dumps(asked))
        if door == "signed":
            return tpp.push_signed(authorization_details=asked)
        sent = {"scope": "accounts", "authorization_details": json.dumps(asked)}
        return tpp.token(grant_type="client_credentials", **sent)

    with nothing_stored():
        refused(ask([one, reordered(one)]), "invalid_authorization_details", about=TWICE)
    if door != "client_credentials":
        assert ask([one]).status_code == 201


@requirement("RAR-6")
def test_a_refresh_gives_each_granted_detail_once(tpp, person):
    asked = json.dumps([account()])
    answer = person.approves(tpp, tpp.push(authorization_details=asked).json()["request_uri"])
    tokens = tpp.redeem(answer["code"]).json()
    [granted] = tokens["authorization_details"]

    def refresh(*wanted):
        return tpp.refresh(tokens["refresh_token"], authorization_details=json.dumps(wanted))

    assert refresh(reordered(granted)).json()["authorization_details"] == [granted]
    refused(refresh(granted, granted), "invalid_authorization_details", about=TWICE)
    refused(refresh(granted, reordered(granted)), "invalid_authorization_details", about=TWICE)


@requirement("RAR-2")
def test_true_is_not_one():
    both = [{"type": "x", "a": True}, {"type": "x", "a": 1}]
    assert AuthorizationRequest.parse({"authorization_details": both}).authorization_details

    with pytest.raises(InvalidAuthorizationDetails):
        AuthorizationRequest.parse({"authorization_details": [both[0], both[0]]})


@requirement("RFC6749-3.3", "RFC8707-2")
def test_scopes_and_resources_are_sets():
    sent = {"scope": "a b a", "resource": ["r", "s", "r"]}

    parsed = asdict(AuthorizationRequest.parse(sent))

    assert (parsed["scope"], parsed["resource"]) == (("a", "b"), ("r", "s"))


@requirement("RFC6749-3.3", "RFC6749-6")
def test_a_scope_is_given_once(tpp, person):
    twice = "openid accounts openid accounts"
    code = person.approves(tpp, tpp.push(scope=twice).json()["request_uri"])["code"]
    tokens = tpp.redeem(code).json()
    alone = tpp.token(grant_type="client_credentials", scope="accounts accounts").json()

    assert Consent.objects.get().scope == tokens["scope"] == "openid accounts"
    assert tpp.refresh(tokens["refresh_token"], scope=twice).json()["scope"] == "openid accounts"
    assert alone["scope"] == "accounts"
