"""RFC 7519, 2: every door reads a time with a fraction of a second, and nothing but numbers."""

import time
import uuid

import pytest
from django.utils import timezone

from authserver.protocol import jose
from authserver.protocol.errors import OAuthError
from authserver.protocol.jose import Purpose
from authserver.resource.issuer import TrustedIssuer
from authserver.resource.keys import KeyCache
from authserver.resource.possession import Presented
from tests.support.assertions import nothing_stored

requirement = pytest.mark.requirement

ISSUER, BANK = "https://as.example.com/openfinance", "https://api.bank.example.com"
CLAIMS = ("exp", "nbf", "iat")
AHEAD = {"exp": 60, "nbf": -1, "iat": -1}
KEY = jose.load_private_key(jose.generate("ES256"), "ES256")


def by_assertion(tpp, dpop_tpp, times):
    return tpp.push(assertion=times).status_code == 201


def by_request_object(tpp, dpop_tpp, times):
    return tpp.push_signed(**times).status_code == 201


def by_proof(tpp, dpop_tpp, times):
    proof = dpop_tpp.prover.proof("POST", f"{ISSUER}/par", **times)
    form = {"response_type": "code", "redirect_uri": "https://tpp.example.com/callback"}
    form |= {"scope": "openid", "code_challenge": "x" * 43, "code_challenge_method": "S256"}
    sent = dpop_tpp.post("/par", form | dpop_tpp.authentication(), DPoP=proof)
    return sent.status_code == 201


def kit(**how):
    return TrustedIssuer(
        url=ISSUER, audience=BANK, consume=lambda proof: True, binding_required=False, **how
    )


def opens(trusted, token):
    presented = Presented(authorization=f"Bearer {token}", method="GET", urls=())
    try:
        return trusted.access(presented, now=timezone.now()).subject == "somebody"
    except OAuthError:
        return False


def of_a_token(times):
    said = {"iss": ISSUER, "aud": BANK, "sub": "somebody", "client_id": "tpp"}
    return said | {"jti": uuid.uuid4().hex} | times


def by_the_kit(tpp, dpop_tpp, times):
    token = jose.sign(of_a_token(times), purpose=Purpose.ACCESS_TOKEN, key=KEY)
    keys = KeyCache(fetch=lambda: {"keys": [jose.public_jwk(KEY)]})
    return opens(kit(keys=keys), token)


def by_introspection(tpp, dpop_tpp, times):
    return opens(kit(introspect=lambda token: of_a_token(times) | {"active": True}), "opaque")


DOORS = {
    "client assertion": by_assertion,
    "request object": by_request_object,
    "DPoP proof": by_proof,
    "access token, verified by the kit": by_the_kit,
    "access token, introspected by the kit": by_introspection,
}
at_every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


def times(**changes):
    now = int(time.time())
    return {name: now + AHEAD[name] for name in CLAIMS} | changes


@requirement("RFC7519-2")
@at_every_door
@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.999_999])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_fraction_of_a_second_is_read(tpp, dpop_tpp, door, claim, fraction):
    sent = times()
    assert door(tpp, dpop_tpp, sent)

    assert door(tpp, dpop_tpp, sent | {claim: sent[claim] + fraction})


@requirement("RFC7519-2")
@at_every_door
@pytest.mark.parametrize("value", [True, "now", [1], {}, 1e300, 2**53 - 1], ids=repr)
@pytest.mark.parametrize("claim", CLAIMS)
def test_nothing_else_is_a_time(tpp, dpop_tpp, door, claim, value):
    assert door(tpp, dpop_tpp, times())
    changed = times(**{claim: str(int(time.time())) if value == "now" else value})

    with nothing_stored():
        assert not door(tpp, dpop_tpp, changed)


@requirement("RFC7519-4.1.4", "RFC7519-4.1.6")
@at_every_door
def test_a_fraction_does_not_lengthen_a_life(tpp, dpop_tpp, door):
    assert door(tpp, dpop_tpp, times())

    with nothing_stored():
        assert not door(tpp, dpop_tpp, times(exp=time.time() - 0.001))
