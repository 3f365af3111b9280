"""Every grant has one tail, and a new one is a function and a line in the table."""

import ast
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints import token
from authserver.grants import sender_constraint
from authserver.grants.issuance import issue
from authserver.tokens.granted import Granted
from authserver.tokens.models import AccessToken, RefreshToken
from consents.models import Consent
from docs.generator.source import called_name, modules
from tests.support.assertions import nothing_stored, refused

requirement = pytest.mark.requirement
case = pytest.mark.case

NEW = "urn:example:grant-type:new"
OF_THE_TAIL = {"atomic", "lock_caller", "lock_person_and_consent", "access_token", "id_token"}
OF_THE_TAIL |= {"mark_used", "record", "token_response"}


def of_a_client(http, client, *, now):
    granted = Granted(client=client, grant_type=NEW, scope=http.form["scope"])
    binding = sender_constraint.of(http, client, now=now)
    return issue(granted, binding=binding, resource=(), now=now)


def of_a_person(http, client, *, now):
    """As if a person had approved somewhere else: what a consent says, without a code."""
    consent = Consent.objects.get(pk=http.form["consent"])
    granted = Granted(
        client=client,
        grant_type=NEW,
        user=consent.user,
        consent=consent,
        scope=consent.scope,
        auth_time=now,
        acr="urn:openbanking:psd2:sca",
    )
    binding = sender_constraint.of(http, client, now=now)
    return issue(granted, binding=binding, resource=(), now=now)


@pytest.fixture
def offer(monkeypatch, tpp):
    """Offer a new grant: its line in the table, the profile's word for it, the registration."""

    def offered(grant, *, beside=()):
        rules = vars(Ecosystem)["rules"].fget
        monkeypatch.setattr(token, "GRANTS", {**token.GRANTS, NEW: grant})
        monkeypatch.setattr(
            Ecosystem,
            "rules",
            property(lambda it: replace(rules(it), grant_types=(*rules(it).grant_types, NEW))),
        )
        register(tpp, NEW, *beside)

    return offered


def register(tpp, *grant_types):
    tpp.client.grant_types = list(grant_types)
    tpp.client.save(update_fields=["grant_types"])


@requirement("RFC6749-4.5", "RFC7662-2.2")
def test_a_grant_without_a_person_is_a_function_and_a_line(tpp, rs, offer):
    offer(of_a_client)

    tokens = tpp.token(grant_type=NEW, scope="accounts").json()

    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}
    assert rs.introspect(tokens["access_token"]).json()["active"] is True
    assert AccessToken.objects.get().grant_type == NEW
    register(tpp, "authorization_code", "refresh_token", "client_credentials")
    assert rs.introspect(tokens["access_token"]).json() == {"active": False}


@requirement("RFC6749-4.5", "RFC6749-1.5")
def test_a_grant_with_a_person_is_a_function_and_a_line(tpp, rs, granted, offer):
    offer(of_a_person, beside=["refresh_token"])

    tokens = tpp.token(grant_type=NEW, consent=str(Consent.objects.get().pk)).json()
    renewed = tpp.refresh(tokens["refresh_token"]).json()["access_token"]

    assert {"access_token", "refresh_token", "id_token"} <= set(tokens)
    for each in (tokens["access_token"], renewed):
        assert rs.introspect(each).json()["active"] is True
    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")
    assert rs.introspect(granted["access_token"]).json() == {"active": False}
    register(tpp, "authorization_code", "refresh_token")
    assert rs.introspect(renewed).json() == {"active": False}
    refused(tpp.refresh(tokens["refresh_token"]), "invalid_grant")
    assert rs.introspect(granted["access_token"]).json()["active"] is True


def test_whatever_the_grant_a_person_who_is_gone_gives_nothing(tpp, granted, person, offer):
    offer(of_a_person, beside=["refresh_token"])
    person.user.is_active = False
    person.user.save(update_fields=["is_active"])

    with nothing_stored():
        refused(tpp.token(grant_type=NEW, consent=str(Consent.objects.get().pk)), "invalid_grant")


@pytest.mark.parametrize("alone", [True, False])
def test_a_token_of_before_is_judged_by_what_it_is(tpp, rs, granted, alone):
    made = granted
    if alone:
        made = tpp.token(grant_type="client_credentials", scope="accounts").json()
    AccessToken.objects.update(grant_type="")
    assert rs.introspect(made["access_token"]).json()["active"] is True

    register(tpp, "authorization_code" if alone else "client_credentials")

    assert rs.introspect(made["access_token"]).json() == {"active": False}


@case("TK-12")
@requirement("CBUAE-2.1.14")
def test_a_refresh_token_carries_what_was_granted(tpp, person):
    """What the client had lost when it redeemed the code does not come back by itself."""
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    scopes = tpp.client.scopes
    tpp.client.scopes = [each for each in scopes if each != "accounts"]
    tpp.client.save(update_fields=["scopes"])

    tokens = tpp.redeem(code).json()
    tpp.client.scopes = scopes
    tpp.client.save(update_fields=["scopes"])

    assert tokens["scope"] == RefreshToken.objects.get().scope == "openid"
    assert tpp.refresh(tokens["refresh_token"]).json()["scope"] == "openid"


@requirement("CBUAE-2.1.14")
@pytest.mark.parametrize(("lives", "renewable"), [(100, False), (1000, True)])
def test_a_consent_that_ends_with_its_token_needs_no_refresh_token(
    tpp, person, at, lives, renewable
):
    """However long the client waits with the code."""
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    Consent.objects.update(expires_at=timezone.now() + timedelta(seconds=lives))

    with at(seconds=20):
        tokens = tpp.redeem(code).json()

    assert ("refresh_token" in tokens) is renewable


def test_no_grant_has_a_tail_of_its_own():
    own = {
        f"{module.path} calls {name}"
        for module in modules("authserver/grants")
        if not module.name.endswith(("issuance", "sender_constraint"))
        for node in module.nodes
        if isinstance(node, ast.Call | ast.Attribute | ast.Name)
        and (name := called_name(node)) in OF_THE_TAIL
    }

    assert own == set()
