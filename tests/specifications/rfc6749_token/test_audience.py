"""A token is for the resource servers that its scope or its types reach, whatever is named."""

import pytest

from clients.models import ResourceServer
from tests.support.assertions import is_served, nothing_stored, refused
from tests.support.world import BANK

requirement = pytest.mark.requirement

RECORDS = "https://records.example.com"


@pytest.fixture(autouse=True)
def records(openfinance):
    return ResourceServer.objects.create(
        ecosystem=openfinance, name="Records", identifier=RECORDS, scopes=["profile"]
    )


def flow(tpp, person, **changes):
    return person.approves(tpp, tpp.push(**changes).json()["request_uri"])["code"]


@requirement("RFC8707-2", "RFC8707-2.2")
@pytest.mark.parametrize("resource", [RECORDS, [BANK, RECORDS]])
@pytest.mark.parametrize("door", ["push", "code", "refresh", "client_credentials"])
def test_a_resource_that_nothing_reaches_is_refused(tpp, person, granted, door, resource):
    """A consent to accounts is none to the records; the control names the bank alone."""

    def ask(named):
        if door == "push":
            return tpp.push(scope="openid accounts", resource=named)
        if door == "code":
            return tpp.redeem(flow(tpp, person), resource=named)
        if door == "refresh":
            return tpp.refresh(granted["refresh_token"], resource=named)
        return tpp.token(grant_type="client_credentials", scope="accounts", resource=named)

    assert is_served(ask(BANK))
    refused(ask(resource), "invalid_target", about="reach the resource")


@requirement("RFC8707-2.2")
def test_openid_alone_gives_no_token_for_the_bank(tpp, person):
    with nothing_stored():
        refused(tpp.push(scope="openid", resource=BANK), "invalid_target")
    code = flow(tpp, person, scope="openid")

    refused(tpp.redeem(code, resource=BANK), "invalid_target")


@requirement("RFC8707-2.2", "RFC6749-6")
def test_what_was_named_once_stays_the_limit(tpp, person):
    code = flow(tpp, person, scope="openid accounts profile", resource=[BANK, RECORDS])
    refresh_token = tpp.redeem(code).json()["refresh_token"]

    assert tpp.refresh(refresh_token, scope="accounts").status_code == 200
    refused(tpp.refresh(refresh_token, scope="openid"), "invalid_target")


@requirement("RFC6749-3.1", "RFC8707-2.2")
def test_a_resource_without_a_value_is_as_if_not_sent(tpp, person):
    pushed = tpp.push(resource="")
    assert pushed.status_code == 201

    code = person.approves(tpp, pushed.json()["request_uri"])["code"]
    assert tpp.redeem(code, resource="").status_code == 200


@requirement("RFC8707-2.2")
def test_a_resource_that_was_not_granted_is_another_target(tpp, person):
    """RFC 8707, 2: not the code's fault, so the client may ask again with the right one."""
    url = tpp.push(resource=BANK).json()["request_uri"]
    code = person.approves(tpp, url)["code"]

    for _ in range(2):
        answer = tpp.redeem(code, resource="https://other.example.com/")
        refused(answer, "invalid_target", about="beyond what was granted [RFC8707-2.2]")
    granted = tpp.redeem(code, resource=BANK)
    assert granted.status_code == 200
