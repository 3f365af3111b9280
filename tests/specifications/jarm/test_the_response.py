"""JARM: the authorization response as a signed token."""

from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol import jose
from authserver.protocol.jose import Purpose
from authserver.protocol.specs import jarm
from tests.support.forge import ALL

requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://as.example.com/north"


@requirement("JARM-2.1", "OAuth2-iss-2")
@pytest.mark.parametrize(
    "parameters",
    [
        {"code": "SplxlOBeZQQYbYS6WxSbIA", "state": "af0ifjsldkj"},
        {"error": "access_denied", "error_description": "no", "state": "af0ifjsldkj"},
        {"code": "SplxlOBeZQQYbYS6WxSbIA"},
    ],
    ids=["a code", "an error", "without state"],
)
def test_the_response_carries_the_parameters_and_for_whom_it_is(parameters):
    made = jarm.claims(issuer=ISSUER, client_id="tpp", parameters=parameters, now=NOW)

    assert made == parameters | {"iss": ISSUER, "aud": "tpp", "exp": T + 600}


@requirement("JARM-2.1")
def test_no_parameter_can_replace_what_protects_the_response():
    forged = {"iss": "https://evil.example", "aud": "evil", "exp": "9999999999"}

    made = jarm.claims(
        issuer=ISSUER,
        client_id="tpp",
        parameters=forged,
        now=NOW,
        lifetime=timedelta(minutes=1),
    )

    assert made == {"iss": ISSUER, "aud": "tpp", "exp": T + 60}


@requirement("JARM-2.1", "JARM-4")
@pytest.mark.parametrize("algorithm", ALL)
def test_the_client_can_verify_it_with_our_published_key(algorithm):
    key = jose.load_private_key(jose.generate(algorithm), algorithm)
    made = jarm.claims(issuer=ISSUER, client_id="tpp", parameters={"code": "x"}, now=NOW)

    found = jose.verify(
        jose.sign(made, purpose=Purpose.AUTHORIZATION_RESPONSE, key=key),
        purpose=Purpose.AUTHORIZATION_RESPONSE,
        keys=jose.import_jwks({"keys": [jose.public_jwk(key)]}),
        algorithms=[algorithm],
    )

    assert found.claims == made
    assert found.header["kid"] == key.kid
