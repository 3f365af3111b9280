"""RFC 7636: the code_verifier is the one that the challenge was made of. Case CD-06."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import InvalidGrant
from authserver.protocol.specs import pkce
from tests.support.forge import b64

requirement = pytest.mark.requirement

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def s256(verifier):
    return b64(hashlib.sha256(verifier.encode()).digest())


@requirement("RFC7636-4.6")
def test_the_example_of_the_standard_matches():
    pkce.verify(VERIFIER, CHALLENGE)


@requirement("RFC7636-4.1")
@pytest.mark.parametrize("verifier", ["a" * 43, "-._~" * 32, "Az09" * 20])
def test_every_legal_verifier_matches_its_challenge(verifier):
    pkce.verify(verifier, s256(verifier))


@requirement("RFC7636-4.6", "RFC7636-4.1")
@pytest.mark.parametrize(
    ("verifier", "clause"),
    [
        pytest.param(None, "RFC7636-4.6", id="missing"),
        pytest.param("", "RFC7636-4.6", id="empty"),
        pytest.param("x" * 43, "RFC7636-4.6", id="wrong"),
        pytest.param(VERIFIER.swapcase(), "RFC7636-4.6", id="other letter case"),
        pytest.param(CHALLENGE, "RFC7636-4.6", id="the challenge itself"),
        pytest.param("a" * 42, "RFC7636-4.1", id="42 characters"),
        pytest.param("a" * 129, "RFC7636-4.1", id="129 characters"),
        pytest.param("a" * 42 + "+", "RFC7636-4.1", id="plus"),
        pytest.param("a" * 42 + "=", "RFC7636-4.1", id="padding"),
        pytest.param("a" * 43 + "\n", "RFC7636-4.1", id="a newline"),
        pytest.param("a" * 42 + "\u00e9", "RFC7636-4.1", id="not ASCII"),
        pytest.param("\u0663" * 43, "RFC7636-4.1", id="digits of another script"),
    ],
)
def test_this_verifier_is_refused(verifier, clause):
    challenge = CHALLENGE if clause == "RFC7636-4.6" else s256(verifier)

    with pytest.raises(InvalidGrant) as refusal:
        pkce.verify(verifier, challenge)
    assert refusal.value.code == "invalid_grant"
    assert refusal.value.clause == clause


@given(st.text())
def test_no_other_text_matches(verifier):
    with pytest.raises(InvalidGrant):
        pkce.verify(verifier, CHALLENGE)
