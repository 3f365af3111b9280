"""Introspection and revocation (RFC 7662, RFC 7009, RFC 9701)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.audit.models import AuditEvent
from authserver.protocol import jose
from authserver.tokens.models import RefreshToken
from tests.support import world
from tests.support.assertions import not_identified, refused
from tests.support.tpp import ThirdParty

case = pytest.mark.case
requirement = pytest.mark.requirement
INACTIVE = {"active": False}


@pytest.fixture
def other_rs(openfinance, rs):
    owner = world.participant("Another bank", ecosystem=openfinance)
    client = world.client("another-bank", participant=owner, grant_types=[], scopes=[])
    openfinance.resource_servers.create(
        name="Another", identifier="https://another.example.com", client=client
    )
    return ThirdParty(client=client, http=rs.http, certificate=rs.certificate)


@requirement("RFC7662-2.2", "FFI-13", "RAR-9.2", "MTLS-3.2")
def test_a_resource_server_learns_what_its_token_allows(rs, tpp, granted):
    facts = rs.introspect(granted["access_token"]).json()

    assert facts["active"] is True
    assert facts["iss"] == tpp.ecosystem.issuer
    assert facts["client_id"] == "tpp"
    assert facts["aud"] == ["https://bank.example.com"]
    assert facts["scope"] == "openid accounts"
    assert facts["acr"] == "urn:openbanking:psd2:sca"
    assert facts["exp"] - facts["iat"] == 300


@case("IR-02")
@requirement("RFC7662-4")
def test_nobody_else_learns_anything(other_rs, tpp, other_tpp, granted):
    for stranger in (other_rs, other_tpp, tpp):
        response = stranger.introspect(granted["access_token"])
        assert response.status_code == 200
        assert response.json() == INACTIVE


@case("IR-04")
@requirement("RFC7662-4")
@pytest.mark.parametrize("signed", [False, True], ids=["plain", "signed"])
@pytest.mark.parametrize("asking", ["another resource server", "no resource server"])
@pytest.mark.parametrize("existing", ["alive", "revoked", "expired"])
def test_a_token_of_others_costs_what_none_costs(
    request, monkeypatch, granted, tpp, rs, at, asking, existing, signed
):
    """The clock of a busy machine says little: what is counted is the work that takes the time.

    The same statements in the same order, and the same signatures checked and made.
    """
    name = "other_rs" if asking == "another resource server" else "other_tpp"
    caller = request.getfixturevalue(name)
    caller.client.introspection_signed_response = signed
    caller.client.save(update_fields=["introspection_signed_response"])
    if existing == "revoked":
        tpp.revoke(granted["access_token"])
    signatures = counted_signatures(monkeypatch)
    token = granted["access_token"]
    head, payload, signature = token.split(".")
    nonexistent = f"{head}.{payload[::-1]}.{signature}"

    def work_of(shown):
        signatures.clear()
        with CaptureQueriesContext(connection) as sent:
            response = caller.introspect(shown)
        assert response.status_code == 200
        assert len(response.content) > 0
        return [LITERAL.sub("?", each["sql"]) for each in sent], list(signatures)

    with at(seconds=301 if existing == "expired" else 0):
        caller.introspect(token)  # so that what is parsed once is parsed
        of_others, of_none = work_of(token), work_of(nonexistent)

    assert of_others == of_none
    assert of_others[1] == ["verify", "sign"] if signed else ["verify"]
    assert of_others[0]
    assert rs.introspect(token).json()["active"] is (existing != "revoked")


LITERAL = re.compile(r"'[^']*'|\b\d+\b")


def counted_signatures(monkeypatch):
    """The signatures that are checked and made from now on."""
    found = []
    for name in ("verify", "sign"):
        real = getattr(jose, name)

        def counting(*args, real=real, name=name, **kwargs):
            found.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(jose, name, counting)
    return found


@case("IR-03")
@requirement("RFC7662-2.2")
@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 100_000])
def test_what_is_no_token_is_not_active(rs, granted, token):
    assert rs.introspect(token).json() == INACTIVE


@case("IR-03")
@requirement("RFC7662-2.1")
def test_a_token_must_be_named(rs):
    refused(rs.post("/introspect", rs.authentication()), "invalid_request")


@case("IR-01")
@requirement("RFC7662-2.1")
def test_the_caller_must_be_identified(rs, granted):
    not_identified(rs.post("/introspect", {"token": granted["access_token"]}))
    assert (
        rs.http.get(f"/openfinance/introspect?token={granted['access_token']}").status_code == 405
    )


@case("IR-06")
def test_a_refresh_token_is_not_for_a_resource_server(rs, granted):
    assert rs.introspect(granted["refresh_token"]).json() == INACTIVE


@requirement("RFC7662-2.2")
def test_an_expired_token_is_not_active(rs, granted, at):
    with at(seconds=301):
        assert rs.introspect(granted["access_token"]).json() == INACTIVE


@requirement("RFC9701-5", "RFC9701-4")
def test_the_answer_can_be_signed(rs, granted):
    signed = rs.post(
        "/introspect",
        rs.authentication() | {"token": granted["access_token"]},
        Accept="application/token-introspection+jwt",
    )

    assert signed["Content-Type"] == "application/token-introspection+jwt"
    keys = KeySet.import_key_set(rs.http.get("/openfinance/jwks").json())
    token = jwt.decode(signed.content.decode(), keys, algorithms=["PS256"])
    assert token.header["typ"] == "token-introspection+jwt"
    assert token.claims["aud"] == rs.client_id
    assert token.claims["token_introspection"]["active"] is True


@case("IR-02")
@requirement("RFC9701-5")
def test_a_signed_answer_tells_a_stranger_nothing(other_tpp, granted, rs):
    other_tpp.client.introspection_signed_response = True
    other_tpp.client.save(update_fields=["introspection_signed_response"])

    signed = other_tpp.introspect(granted["access_token"]).content.decode()

    keys = KeySet.import_key_set(rs.http.get("/openfinance/jwks").json())
    claims = jwt.decode(signed, keys, algorithms=["PS256"]).claims
    assert claims["token_introspection"] == INACTIVE


@requirement("RFC7009-2.1", "RFC7009-2.2")
def test_a_client_revokes_its_access_token(rs, tpp, granted):
    assert tpp.revoke(granted["access_token"]).status_code == 200

    assert rs.introspect(granted["access_token"]).json() == INACTIVE
    assert tpp.userinfo(granted["access_token"]).status_code == 401
    assert tpp.refresh(granted["refresh_token"]).status_code == 200
    assert AuditEvent.objects.filter(event="token.revoked").count() == 1


@requirement("RFC7009-2.1")
def test_a_revoked_refresh_token_takes_its_access_tokens_along(rs, tpp, granted):
    second = tpp.refresh(granted["refresh_token"]).json()["access_token"]

    assert tpp.revoke(granted["refresh_token"]).status_code == 200

    for token in (granted["access_token"], second):
        assert rs.introspect(token).json() == INACTIVE
    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")


@requirement("RFC7009-2.1")
def test_a_revoked_refresh_token_without_a_code_takes_nobody_elses_along(rs, tpp, granted):
    own = tpp.token(grant_type="client_credentials", scope="accounts").json()["access_token"]
    renewed = tpp.refresh(granted["refresh_token"]).json()["access_token"]
    RefreshToken.objects.update(authorization_code=None)

    assert tpp.revoke(granted["refresh_token"]).status_code == 200

    assert rs.introspect(renewed).json() == INACTIVE
    assert rs.introspect(own).json()["active"] is True


@case("IR-07")
@requirement("RFC7009-2.1", "RFC7009-2.2")
def test_another_client_cannot_revoke_it(rs, tpp, other_tpp, granted):
    for token in (granted["access_token"], granted["refresh_token"], "unknown"):
        assert other_tpp.revoke(token).status_code == 200

    assert rs.introspect(granted["access_token"]).json()["active"] is True
    assert tpp.refresh(granted["refresh_token"]).status_code == 200
    assert not AuditEvent.objects.filter(event="token.revoked").exists()


@case("IR-12")
@requirement("RFC7009-2.1")
def test_revoking_twice_is_one_change(tpp, granted):
    for _ in range(2):
        assert tpp.revoke(granted["refresh_token"]).status_code == 200
    assert AuditEvent.objects.filter(event="token.revoked").count() == 1


@case("IR-10")
def test_no_callback_is_wrapped_around_an_answer(rs, granted):
    response = rs.introspect(granted["access_token"], callback="alert")

    assert response.json()["active"] is True
