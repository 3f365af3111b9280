"""FFI: what a machine gets, for what, for how long, and bound to which key."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Http

from authserver.tokens.models import AccessToken, RefreshToken
from tests.support import certificates
from tests.support.assertions import nothing_stored, refused
from tests.support.tpp import VALID_REQUEST, ThirdParty

requirement = pytest.mark.requirement


def ask(tpp, **changes):
    """The valid request: one scope of those that the client has."""
    return tpp.token(**{"grant_type": "client_credentials", "scope": "core"} | changes)


def introspected(respondent, token):
    server = ThirdParty(
        client=respondent.client,
        http=Http(),
        certificate=certificates.transport(respondent.client.client_id),
    )
    return server.introspect(token).json()


@requirement("FFI-4", "FFI-13")
def test_a_machine_gets_an_opaque_token_and_nothing_else(requestor):
    response = ask(requestor)

    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert "." not in response.json()["access_token"]
    assert AccessToken.objects.get().user is None
    assert not RefreshToken.objects.exists()


@requirement("FFI-9", "FFI-13", "FFI-14")
def test_introspection_tells_the_scope_and_the_key(requestor, respondent):
    token = ask(requestor, scope="core contract").json()["access_token"]

    found = introspected(respondent, token)

    assert found["active"] is True
    assert found["scope"] == "core contract"
    assert found["client_id"] == "requestor"
    assert set(found["cnf"]) == {"x5t#S256"}


@requirement("FFI-7")
@pytest.mark.parametrize("scope", [None, "", " "])
def test_a_scope_is_required(requestor, scope):
    assert ask(requestor).status_code == 200

    with nothing_stored():
        refused(ask(requestor, scope=scope), "invalid_scope", about="scope is required [FFI-7]")


@requirement("FFI-8")
@pytest.mark.parametrize("scope", ["unheard-of", "notification", "core notification", "CORE"])
def test_a_scope_is_one_of_the_clients_own(requestor, scope):
    with nothing_stored():
        refused(ask(requestor, scope=scope), "invalid_scope")


@requirement("FFI-8")
def test_a_scope_that_left_the_ecosystem_is_given_no_more(requestor):
    assert ask(requestor).status_code == 200
    requestor.ecosystem.client_credentials_scopes = ["contract"]
    requestor.ecosystem.save()

    refused(ask(requestor), "invalid_scope")
    assert ask(requestor, scope="contract").status_code == 200


@requirement("FFI-12")
def test_a_token_lives_for_five_minutes(requestor, respondent, at):
    response = ask(requestor).json()

    assert response["expires_in"] == 300
    with at(seconds=299):
        assert introspected(respondent, response["access_token"])["active"] is True
    with at(seconds=301):
        assert introspected(respondent, response["access_token"]) == {"active": False}


@requirement("FFI-12")
def test_the_lifetime_can_only_be_shortened(requestor, ffi):
    ffi.access_token_seconds = 301
    with pytest.raises(ValidationError) as refusal:
        ffi.full_clean()
    assert refusal.value.message_dict["access_token_seconds"] == ["At most 300 [FFI-12]."]

    ffi.access_token_seconds = 120
    ffi.full_clean()
    ffi.save()
    assert ask(requestor).json()["expires_in"] == 120


@requirement("FFI-10")
def test_a_token_is_bound_unless_its_client_is_registered_otherwise(requestor, respondent):
    bound = ask(requestor).json()["access_token"]
    requestor.client.tls_client_certificate_bound_access_tokens = False
    requestor.client.full_clean()
    requestor.client.save()
    unbound = ask(requestor).json()["access_token"]

    thumbprint = requestor.client.certificates.get().thumbprint
    assert introspected(respondent, bound)["cnf"] == {"x5t#S256": thumbprint}
    assert "cnf" not in introspected(respondent, unbound)


@requirement("FFI-10", "FAPI2-SP-FINAL-5.3.2.1-4")
def test_the_switch_is_refused_where_every_token_is_bound(tpp):
    tpp.client.full_clean()
    tpp.client.tls_client_certificate_bound_access_tokens = False

    with pytest.raises(ValidationError) as refusal:
        tpp.client.full_clean()
    assert "FAPI2-SP-FINAL-5.3.2.1-4" in str(
        refusal.value.message_dict["tls_client_certificate_bound_access_tokens"]
    )
    tpp.client.save()
    token = tpp.token(grant_type="client_credentials", scope="accounts")
    assert token.status_code == 200
    assert "x5t#S256" in AccessToken.objects.get().cnf


@requirement("FFI-4")
@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token", "password"])
def test_no_other_grant_is_offered(requestor, grant_type):
    with nothing_stored():
        refused(ask(requestor, grant_type=grant_type), "unsupported_grant_type")


@requirement("FFI-4")
def test_there_is_no_way_round_by_the_code_flow(requestor):
    """Not even for a client that was registered for it under an earlier profile."""
    requestor.client.grant_types = ["authorization_code", "client_credentials"]
    requestor.client.redirect_uris = VALID_REQUEST["redirect_uri"]
    requestor.client.scopes = ["core", "openid", "accounts"]
    requestor.client.save()

    with nothing_stored():
        refused(requestor.push(scope="core"), "unauthorized_client")


@requirement("FFI-21")
def test_a_token_of_another_issuer_is_none_of_ours(requestor, respondent, tpp):
    ours = ask(requestor).json()["access_token"]
    theirs = tpp.token(grant_type="client_credentials", scope="accounts").json()["access_token"]

    assert introspected(respondent, ours)["active"] is True
    assert introspected(respondent, theirs) == {"active": False}
