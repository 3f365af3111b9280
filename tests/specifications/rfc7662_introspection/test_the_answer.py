"""RFC 7662 and RFC 9701: what we say about a token."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose, base64url
from authserver.protocol.specs import introspection
from tests.support.forge import ALL

case = pytest.mark.case
requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://as.example.com/north"
FACTS = introspection.TokenFacts(
    issuer=ISSUER,
    client_id="tpp",
    subject="pairwise-1",
    audience=("https://bank.example.com",),
    token_type="DPoP",
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
)


@case("IR-02", "IR-03")
@requirement("RFC7662-2.2")
def test_a_token_that_is_not_active_has_no_other_property():
    assert introspection.response(None) == {"active": False}


@requirement("RFC7662-2.2")
def test_an_active_token_says_what_it_is():
    assert introspection.response(FACTS) == {
        "active": True,
        "iss": ISSUER,
        "client_id": "tpp",
        "sub": "pairwise-1",
        "aud": ["https://bank.example.com"],
        "token_type": "DPoP",
        "iat": T,
        "exp": T + 300,
    }


@requirement("RFC7662-2.2", "RAR-9.2", "MTLS-3.2", "DPOP-6.2")
def test_it_says_what_was_granted_and_to_whose_key_it_is_bound():
    details = [{"type": "account_information"}]
    facts = replace(
        FACTS,
        audience="https://bank.example.com",
        jti="jti-1",
        scope="openid accounts",
        authorization_details=details,
        cnf={"jkt": "x"},
        auth_time=NOW - timedelta(minutes=1),
        acr="urn:mfa",
        amr=("pwd", "otp"),
        extra={"consent_id": "c-1"},
    )

    assert introspection.response(facts) == introspection.response(FACTS) | {
        "aud": "https://bank.example.com",
        "jti": "jti-1",
        "scope": "openid accounts",
        "authorization_details": details,
        "cnf": {"jkt": "x"},
        "auth_time": T - 60,
        "acr": "urn:mfa",
        "amr": ["pwd", "otp"],
        "consent_id": "c-1",
    }


def test_what_a_profile_adds_cannot_replace_anything():
    extra = {"active": False, "sub": "evil", "scope": "admin", "cnf": {}, "acr": "evil"}

    assert introspection.response(replace(FACTS, extra=extra)) == introspection.response(FACTS)


@requirement("RFC9701-5")
@pytest.mark.parametrize("facts", [FACTS, None], ids=["active", "not active"])
def test_a_signed_answer_is_for_one_server_and_is_no_access_token(facts):
    key = jose.load_private_key(jose.generate("ES256"), "ES256")
    keys = jose.import_jwks({"keys": [jose.public_jwk(key)]})
    body = introspection.response(facts)

    made = introspection.jwt_claims(
        body, issuer=ISSUER, audience="https://bank.example.com", now=NOW
    )
    token = jose.sign(made, purpose=Purpose.INTROSPECTION, key=key)

    assert made == {
        "iss": ISSUER,
        "aud": "https://bank.example.com",
        "iat": T,
        "token_introspection": body,
    }
    header = json.loads(base64url.decode(token.split(".")[0]))
    assert header["typ"] == "token-introspection+jwt"
    assert jose.verify(token, purpose=Purpose.INTROSPECTION, keys=keys, algorithms=ALL)
    with pytest.raises(BadJOSE):
        jose.verify(token, purpose=Purpose.ACCESS_TOKEN, keys=keys, algorithms=ALL)
