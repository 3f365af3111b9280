"""client_credentials: a client acts for itself (RFC 6749, 4.4)."""

import pytest

from authserver.tokens.models import AccessToken, RefreshToken
from tests.support.assertions import nothing_stored, refused

case = pytest.mark.case
requirement = pytest.mark.requirement


@requirement("RFC6749-4.4.2", "FFI-4")
def test_a_client_gets_a_token_for_itself(tpp, rs):
    tokens = tpp.token(grant_type="client_credentials", scope="accounts").json()

    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}
    assert tokens["scope"] == "accounts"
    facts = rs.introspect(tokens["access_token"]).json()
    assert facts["sub"] == facts["client_id"] == "tpp"
    assert not RefreshToken.objects.exists()
    assert AccessToken.objects.get().user is None


@case("CD-11")
@requirement("RFC6749-3.3", "FFI-8")
@pytest.mark.parametrize("scope", ["admin", "accounts admin", "openid", "profile", "a" * 5000])
def test_scope_that_it_may_not_have_alone_is_refused(tpp, scope):
    with nothing_stored():
        refused(tpp.token(grant_type="client_credentials", scope=scope), "invalid_scope")


@requirement("OIDCC-5.3.1")
def test_such_a_token_says_nothing_about_a_person(tpp):
    token = tpp.token(grant_type="client_credentials", scope="accounts").json()["access_token"]

    assert tpp.userinfo(token).status_code == 403


@requirement("RFC8707-2.2")
def test_an_unknown_resource_is_refused(tpp):
    for resource, status in (("https://bank.example.com", 200), ("https://no.example.com", 400)):
        response = tpp.token(grant_type="client_credentials", scope="accounts", resource=resource)
        assert response.status_code == status
    assert response.json()["error"] == "invalid_target"


@requirement("FAPI2-SP-FINAL-5.3.2.1-5")
def test_it_needs_a_key(tpp):
    with nothing_stored():
        refused(
            tpp.with_certificate(None).token(grant_type="client_credentials", scope="accounts"),
            "invalid_request",
        )
