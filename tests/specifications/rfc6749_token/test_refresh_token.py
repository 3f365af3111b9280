"""Refresh tokens: as long as the consent, for their client, not rotated (RFC 6749, 6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.accounts.models import Enrolment
from authserver.tokens.models import AccessToken, RefreshToken
from consents import actions as consents
from consents.models import Consent
from tests.support import certificates, world
from tests.support.assertions import not_identified, refused

case = pytest.mark.case
requirement = pytest.mark.requirement


@case("TK-15")
@requirement("RFC6749-6", "FAPI2-SP-FINAL-5.3.2.1-9", "RFC6749-A.17", "OIDCC-11")
def test_a_refresh_token_gives_new_access_tokens_and_is_not_rotated(tpp, rs, granted):
    first = tpp.refresh(granted["refresh_token"])
    second = tpp.refresh(granted["refresh_token"])

    assert first.status_code == second.status_code == 200
    assert first["Cache-Control"] == "no-store"
    assert "refresh_token" not in first.json()
    tokens = {granted["access_token"], *(r.json()["access_token"] for r in (first, second))}
    assert len(tokens) == 3
    assert all(rs.introspect(token).json()["active"] for token in tokens)


@case("TK-12", "TK-17")
@requirement("CBUAE-2.1.14")
def test_it_ends_with_the_consent(tpp, granted):
    assert RefreshToken.objects.get().expires == Consent.objects.get().expires_at
    assert tpp.refresh(granted["refresh_token"]).status_code == 200

    Consent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")
    assert AccessToken.objects.count() == 2


@case("TK-12")
@requirement("RFC6749-6")
@pytest.mark.parametrize("ended", ["consent", "person", "enrolment", "suspended consent"])
def test_it_is_dead_with_what_it_stands_on(tpp, rs, person, granted, ended):
    consent = Consent.objects.get()
    if ended == "consent":
        consents.revoke(consent, by="mariam", now=timezone.now())
    elif ended == "suspended consent":
        consents.suspend(consent, by="operator", now=timezone.now())
    elif ended == "person":
        person.user.is_active = False
        person.user.save(update_fields=["is_active"])
    else:
        Enrolment.objects.update(is_active=False)

    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")
    assert rs.introspect(granted["access_token"]).json() == {"active": False}
    assert tpp.userinfo(granted["access_token"]).status_code == 401


@pytest.mark.parametrize("whose", ["client", "participant", "ecosystem"])
def test_a_suspended_client_gets_nothing_any_more(tpp, rs, granted, whose):
    if whose == "client":
        tpp.client.state = "suspended"
        tpp.client.save(update_fields=["state"])
    elif whose == "participant":
        tpp.client.participant.state = "suspended"
        tpp.client.participant.save(update_fields=["state"])
    else:
        tpp.ecosystem.is_active = False
        tpp.ecosystem.save(update_fields=["is_active"])
        assert tpp.refresh(granted["refresh_token"]).status_code == 404
        return

    not_identified(tpp.refresh(granted["refresh_token"]))
    assert rs.introspect(granted["access_token"]).json() == {"active": False}


@case("TK-11")
@requirement("RFC6749-6", "RFC6749-5.2")
def test_it_is_for_its_client(tpp, other_tpp, granted):
    refused(other_tpp.refresh(granted["refresh_token"]), "invalid_grant")
    assert AccessToken.objects.count() == 1


@case("TK-11")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_it_needs_client_authentication(tpp, granted):
    form = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    not_identified(tpp.post("/token", form))
    not_identified(tpp.post("/token", form | {"client_id": "tpp"}))
    assert AccessToken.objects.count() == 1


@case("TK-11")
@requirement("FAPI2-SP-FINAL-5.3.2.1-5")
def test_it_needs_a_key(tpp, granted):
    refused(tpp.with_certificate(None).refresh(granted["refresh_token"]), "invalid_request")
    assert AccessToken.objects.count() == 1


@case("TK-11")
@requirement("MTLS-3")
def test_a_renewed_certificate_goes_on_with_it(tpp, granted):
    renewed = certificates.issue("tpp", by=certificates.issuing())
    world.register_certificate(tpp.client, renewed)

    token = tpp.with_certificate(renewed).refresh(granted["refresh_token"]).json()["access_token"]

    assert tpp.with_certificate(renewed).userinfo(token).status_code == 200
    assert tpp.userinfo(token).status_code == 401


@requirement("RFC6749-6")
def test_scope_may_be_narrowed_but_not_widened(tpp, granted):
    narrower = tpp.refresh(granted["refresh_token"], scope="accounts")
    assert narrower.json()["scope"] == "accounts"

    refused(tpp.refresh(granted["refresh_token"], scope="accounts payments"), "invalid_scope")


@case("TK-16")
def test_an_access_token_is_no_refresh_token(tpp, granted):
    refused(tpp.refresh(granted["access_token"]), "invalid_grant")
    assert tpp.userinfo(granted["refresh_token"]).status_code == 401


def test_what_is_no_refresh_token_is_refused(tpp, granted):
    for wrong in ("", "x", granted["refresh_token"][:-1], "x" * 50_000):
        refused(tpp.refresh(wrong), "invalid_grant")


@requirement("FAPI2-SP-FINAL-5.3.2.1-9")
def test_none_is_issued_to_a_client_without_the_grant(openfinance, bank, make_tpp, person):
    client = make_tpp("once", openfinance, grant_types=["authorization_code"])
    code = person.approves(client, client.push().json()["request_uri"])["code"]

    assert "refresh_token" not in client.redeem(code).json()
