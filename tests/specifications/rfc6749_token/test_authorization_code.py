"""The authorization code at the token endpoint (RFC 6749, 4.1.3; FAPI 2.0, 5.3.2.1)."""

import pytest
from django.utils import timezone

from authserver.audit.models import AuditEvent
from authserver.tokens.models import AccessToken, RefreshToken
from consents import actions as consents
from consents.models import Consent
from tests.support import certificates
from tests.support.assertions import not_identified, refused

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture
def code(tpp, person) -> str:
    return person.approves(tpp, tpp.push().json()["request_uri"])["code"]


def no_token_was_issued() -> bool:
    return not AccessToken.objects.exists() and not RefreshToken.objects.exists()


@case("CD-01", "CD-17")
@requirement("FAPI2-SP-FINAL-5.3.2.2-9", "RFC6749-4.1.2", "RFC6750-3.1")
def test_a_code_shown_again_kills_what_it_gave(tpp, rs, code):
    tokens = tpp.redeem(code).json()
    assert rs.introspect(tokens["access_token"]).json()["active"] is True

    refused(tpp.redeem(code), "invalid_grant")

    assert rs.introspect(tokens["access_token"]).json() == {"active": False}
    assert tpp.userinfo(tokens["access_token"]).status_code == 401
    refused(tpp.refresh(tokens["refresh_token"]), "invalid_grant")
    assert AccessToken.objects.count() == 1
    assert AuditEvent.objects.filter(event="code.replayed").count() == 1


@case("CD-04")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6", "OIDCC-3.1.3.4", "RFC6749-5.2")
def test_a_code_is_for_its_client(tpp, other_tpp, code):
    refused(other_tpp.redeem(code), "invalid_grant")
    assert no_token_was_issued()
    assert AuditEvent.objects.filter(event="code.shown_by_another_client").exists()

    assert tpp.redeem(code).status_code == 200


@case("CD-05")
@requirement("RFC6749-4.1.3")
@pytest.mark.parametrize("uri", [None, "https://tpp.example.com/other"])
def test_redirect_uri_must_be_the_pushed_one(tpp, code, uri):
    refused(tpp.redeem(code, redirect_uri=uri), "invalid_grant")
    assert no_token_was_issued()


@case("CD-06")
@requirement("RFC7636-4.6", "RFC7636-4.1")
@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "",
        "wrong-verifier-wrong-verifier-wrong-verifier",
        "x" * 42,
        "x" * 129,
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX!",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ],
)
def test_the_verifier_must_fit(tpp, code, verifier):
    refused(tpp.redeem(code, code_verifier=verifier), "invalid_grant")
    assert no_token_was_issued()

    refused(tpp.redeem(code), "invalid_grant")  # who guesses loses the code


@case("CD-07")
@requirement("FAPI2-SP-FINAL-5.3.2.1-11")
def test_a_code_lives_a_minute(tpp, code, at):
    with at(seconds=61):
        refused(tpp.redeem(code), "invalid_grant", about="FAPI2-SP-FINAL-5.3.2.1-11")
    assert no_token_was_issued()


@requirement("FAPI2-SP-FINAL-5.3.2.1-11")
def test_a_code_works_until_then(tpp, code, at):
    with at(seconds=58):
        assert tpp.redeem(code).status_code == 200


@case("CD-08", "CD-09")
@requirement("RFC6749-4.1.3")
def test_what_is_no_code_is_refused(tpp, code):
    flipped = ("A" if code[0] != "A" else "B") + code[1:]
    consent = str(Consent.objects.get().pk)
    for wrong in (None, "", flipped, code[:20] + code[20:][::-1], consent, "x" * 50_000):
        refused(tpp.redeem(wrong), "invalid_grant")
    assert no_token_was_issued()


@case("CD-11")
@requirement("RFC6749-5.2")
@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        (None, "invalid_request"),
        (["authorization_code", "authorization_code"], "invalid_request"),
        ("AUTHORIZATION_CODE", "unsupported_grant_type"),
        ("password", "unsupported_grant_type"),
        ("implicit", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:token-exchange", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
        ("urn:openid:params:grant-type:ciba", "unsupported_grant_type"),
    ],
)
def test_other_grants_are_refused(tpp, code, grant_type, error):
    refused(tpp.redeem(code, grant_type=grant_type), error)
    assert no_token_was_issued()


@requirement("RFC6749-5.2")
def test_a_grant_that_the_client_is_not_registered_for(openfinance, bank, make_tpp):
    only_code = make_tpp("only-code", openfinance, grant_types=["authorization_code"])

    refused(
        only_code.token(grant_type="client_credentials", scope="accounts"), "unauthorized_client"
    )


@case("CD-12")
@requirement("FAPI2-SP-FINAL-5.3.2.1-5", "RFC9449-5", "FAPI2-SP-FINAL-5.3.2.1-6")
def test_a_token_is_only_issued_to_a_key(tpp, code):
    refused(tpp.with_certificate(None).redeem(code), "invalid_request")
    assert no_token_was_issued()

    assert tpp.redeem(code).status_code == 200


@case("CD-14", "TK-10")
@requirement("FAPI2-SP-FINAL-5.3.2.2-9")
def test_a_consent_stopped_meanwhile_gives_no_token(tpp, person, code):
    consents.revoke(Consent.objects.get(), by=person.user.username, now=timezone.now())

    refused(tpp.redeem(code), "invalid_grant")
    assert no_token_was_issued()


@case("CD-15")
def test_a_person_disabled_meanwhile_gets_no_token(tpp, person, code):
    person.user.is_active = False
    person.user.save(update_fields=["is_active"])

    refused(tpp.redeem(code), "invalid_grant")
    assert no_token_was_issued()


@case("CD-15")
def test_a_client_suspended_meanwhile_gets_no_token(tpp, code):
    tpp.client.state = "suspended"
    tpp.client.save(update_fields=["state"])

    not_identified(tpp.redeem(code))
    assert no_token_was_issued()


@case("CD-16")
@requirement("FAPI2-SP-FINAL-5.3.2.1-4", "MTLS-3")
def test_the_token_is_bound_to_the_certificate_presented_now(tpp, rs, code):
    other = certificates.issue("tpp", by=certificates.issuing())

    tokens = tpp.with_certificate(other).redeem(code).json()

    assert tpp.userinfo(tokens["access_token"]).status_code == 401
    assert tpp.with_certificate(other).userinfo(tokens["access_token"]).status_code == 200


@requirement("OIDCC-3.1.3.4", "RFC6749-5.2")
def test_the_form_may_not_name_another_client(tpp, other_tpp, code):
    response = tpp.redeem(code, client_id="other")

    assert response.status_code == 401
    assert response.json()["error"] in ("invalid_client", "invalid_grant")
    assert no_token_was_issued()
