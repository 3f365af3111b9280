"""OpenID Connect Core 1.0: what an ID token says, and whom one names that comes back."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol import jose
from authserver.protocol.errors import InvalidRequest
from authserver.protocol.jose import Purpose
from authserver.protocol.specs import id_token, jarm
from tests.support.forge import ALL, b64, forge, pair

case = pytest.mark.case
requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://as.example.com/north"
OURS = jose.load_private_key(jose.generate("ES256"), "ES256")
OUR_KEYS = jose.import_jwks({"keys": [jose.public_jwk(OURS)]})


def claims(*, algorithm="ES256", **more):
    return id_token.claims(
        issuer=ISSUER,
        subject="pairwise-1",
        client_id="tpp",
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        algorithm=algorithm,
        **more,
    )


@requirement("OIDCC-2")
def test_an_id_token_says_who_for_whom_and_until_when():
    assert claims() == {
        "iss": ISSUER,
        "sub": "pairwise-1",
        "aud": "tpp",
        "iat": T,
        "exp": T + 300,
    }


@case("CD-18")
@requirement("OIDCC-2")
@pytest.mark.parametrize("nonce", ["n", "-._~" * 96, "0", ""])
def test_the_nonce_is_that_of_the_request_exactly(nonce):
    assert claims(nonce=nonce)["nonce"] == nonce
    assert "nonce" not in claims(nonce=None)


@requirement("OIDCC-2")
def test_it_says_how_and_when_the_person_signed_in():
    made = claims(auth_time=NOW - timedelta(minutes=2), acr="urn:mfa", amr=("pwd", "otp"))

    assert (made["auth_time"], made["acr"], made["amr"]) == (T - 120, "urn:mfa", ["pwd", "otp"])
    assert {"auth_time", "acr", "amr"}.isdisjoint(claims(acr="", amr=[]))


@requirement("OIDCC-3.1.3.6")
@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_at_hash_is_the_left_half_of_the_hash_of_the_signature(algorithm):
    made = claims(algorithm=algorithm, access_token="jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")

    assert made["at_hash"] == "77QmUPtjPfzWtF2AnpK9RQ"


@requirement("OIDCC-3.1.3.6")
@pytest.mark.parametrize("algorithm", ["Ed25519", "EdDSA"])
def test_ed25519_hashes_with_sha512(algorithm):
    made = claims(algorithm=algorithm, access_token="token", state="af0ifjsldkj")

    assert made["at_hash"] == b64(hashlib.sha512(b"token").digest()[:32])
    assert made["s_hash"] == b64(hashlib.sha512(b"af0ifjsldkj").digest()[:32])


@pytest.mark.parametrize("algorithm", ["none", "RS256", "ES384", ""])
def test_there_is_no_hash_for_an_algorithm_we_do_not_sign_with(algorithm):
    with pytest.raises(KeyError):
        claims(algorithm=algorithm, access_token="token")


@requirement("OIDCC-5.5")
def test_claims_that_were_asked_for_cannot_replace_ours():
    ours = dict.fromkeys(("iss", "sub", "aud", "iat", "exp", "nonce", "acr", "at_hash"), "evil")

    made = claims(nonce="n", extra=ours | {"name": "Ada"})

    assert made == claims(nonce="n") | {"name": "Ada"}


def hint(*, key=OURS, purpose=Purpose.ID_TOKEN, **changes):
    made = {name: value for name, value in (claims() | changes).items() if value is not ...}
    return jose.sign(made, purpose=purpose, key=key)


def subject_of(token, *, client_id="tpp", keys=OUR_KEYS):
    return id_token.hint_subject(
        token, issuer=ISSUER, client_id=client_id, keys=keys, algorithms=ALL
    )


@requirement("OIDCC-3.1.2.1")
@pytest.mark.parametrize("change", [{}, {"exp": 1}, {"aud": ["tpp", "other"]}], ids=repr)
def test_a_hint_names_the_person_even_when_it_has_expired(change):
    assert subject_of(hint(**change)) == "pairwise-1"


@requirement("OIDCC-3.1.2.1")
@pytest.mark.parametrize(
    "token",
    [
        pytest.param(hint(iss="https://other.example"), id="another issuer"),
        pytest.param(hint(aud="other"), id="for another client"),
        pytest.param(hint(aud=["other"]), id="for other clients"),
        pytest.param(hint(aud=...), id="for nobody"),
        pytest.param(hint(sub=...), id="about nobody"),
        pytest.param(hint(sub=""), id="about an empty name"),
        pytest.param(hint(sub=["pairwise-1"]), id="about a list"),
        pytest.param(hint(purpose=Purpose.ACCESS_TOKEN), id="an access token"),
        pytest.param(hint(purpose=Purpose.INTROSPECTION), id="an introspection response"),
        pytest.param(
            jose.sign(
                jarm.claims(issuer=ISSUER, client_id="tpp", parameters={"code": "x"}, now=NOW),
                purpose=Purpose.AUTHORIZATION_RESPONSE,
                key=OURS,
            ),
            id="an authorization response",
        ),
        pytest.param(forge(claims(), pair()), id="somebody else's"),
        pytest.param(forge(claims(), pair(), header={"kid": OURS.kid}), id="forged"),
        pytest.param(forge(claims(), pair(), header={"alg": "none"}, signature=b""), id="unsigned"),
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="no token"),
    ],
)
def test_a_hint_that_is_not_ours_for_this_client_is_refused(token):
    assert subject_of(hint())

    with pytest.raises(InvalidRequest) as refusal:
        subject_of(token)
    assert refusal.value.clause == "OIDCC-3.1.2.1"
