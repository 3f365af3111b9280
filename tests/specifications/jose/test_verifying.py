"""RFC 7515, 7517 and 8725: which signed tokens verify, and with which key."""

import hmac
import json
import time
import warnings

import pytest
from cryptography.hazmat.primitives import serialization

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose, base64url
from authserver.protocol.jose.jws import LONGEST_HEADER
from authserver.protocol.jose.purpose import RULES
from tests.support.forge import (
    ALL,
    CHAIN_HINT,
    HEADER_FAULTS,
    HEADER_TEXT_FAULTS,
    HINTS,
    JSON_FAULTS,
    JWK_HINT,
    SPELLINGS,
    b64,
    chain_filling,
    forge,
    keys,
    pair,
    respelled,
    segment,
)

case = pytest.mark.case
requirement = pytest.mark.requirement

CLAIMS = {"iss": "tpp", "text": "\u0645\u0635\u0631\u0641"}


def verify(token, *, of=None, purpose=Purpose.CLIENT_ASSERTION, algorithms=ALL, **more):
    found = of if of is not None else pair().public
    return jose.verify(token, purpose=purpose, keys=found, algorithms=algorithms, **more)


def assert_refused(token, **how):
    with pytest.raises(BadJOSE) as refusal:
        verify(token, **how)
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None
    assert len(str(refusal.value)) < 60


@requirement("FAPI2-SP-FINAL-5.4.1-2")
@pytest.mark.parametrize("algorithm", ALL)
def test_a_token_of_each_algorithm_verifies(algorithm):
    key = pair(algorithm)

    found = verify(forge(CLAIMS, key), of=key.public)

    assert found.claims == CLAIMS
    assert found.header["alg"] == algorithm
    assert found.key_thumbprint == key.native.thumbprint()


@requirement("RFC7515-3.1")
def test_the_example_of_the_standard_verifies():
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    token = (
        "eyJhbGciOiJFUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        "Ijp0cnVlfQ"
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )

    claims = verify(token, of=keys(jwk)).claims

    assert claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


@requirement("RFC9864-2.2")
@pytest.mark.parametrize("header", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("allowed", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("named", [{}, {"alg": "EdDSA"}, {"alg": "Ed25519"}])
def test_both_names_of_ed25519_are_one_algorithm(header, allowed, named):
    key = pair("Ed25519")
    token = forge(CLAIMS, key, header={"alg": header})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = verify(token, of=keys(key.jwk | named), algorithms=[allowed])

    assert found.claims == CLAIMS


@requirement("RFC7515-4")
def test_header_members_that_mean_nothing_to_us_are_ignored():
    assert verify(forge(CLAIMS, pair(), header={"tx_id": 5, "cty": "x"})).claims == CLAIMS


@requirement("RFC7515-5.2", "RFC8725-3.1")
@pytest.mark.parametrize("change", HEADER_FAULTS)
def test_a_header_with_this_change_is_refused(change):
    assert verify(forge(CLAIMS, pair()))

    assert_refused(forge(CLAIMS, pair(), header=change, alg="ES256"))


@requirement("RFC7515-4", "RFC8725-3.10")
@pytest.mark.parametrize("hint", [*HINTS, JWK_HINT, CHAIN_HINT])
def test_a_hint_of_the_key_is_not_minded_and_not_believed(hint):
    hinted = forge(CLAIMS, pair(), header=hint)
    by_another = forge(CLAIMS, pair(number=2), header=hint | {"kid": pair().native.kid})
    nameless = forge(CLAIMS, pair(number=2), header=hint | {"kid": None})

    assert verify(hinted).claims == CLAIMS
    assert verify(hinted).key_thumbprint == pair().native.thumbprint()
    assert_refused(by_another)
    assert_refused(nameless)


@requirement("RFC7515-5.2", "RFC8725-2.4")
@pytest.mark.parametrize("header", HEADER_TEXT_FAULTS)
def test_a_header_of_this_text_is_refused(header):
    assert verify(forge(CLAIMS, pair(), header=b'{"alg":"ES256","kid":"ES256-1"}'))

    assert_refused(forge(CLAIMS, pair(), header=header))


@requirement("RFC7519-7.2", "RFC8725-2.4")
@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"sub":"C2","sub":"C1"}', id="CA-22 repeated claim"),
        pytest.param('{"sub":"C1"}'.encode("utf-16"), id="CA-23 UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"sub":"C1"}', id="CA-23 BOM"),
        pytest.param(b'{"exp":1e400}', id="CA-37 beyond every float"),
        pytest.param(b'{"exp":9007199254740993}', id="beyond 2^53"),
        pytest.param(b'{"exp":' + b"9" * 5_000 + b"}", id="5000 digits"),
        pytest.param(b'{"jti":"a\\u0000b"}', id="CA-41 NUL"),
        pytest.param(b'{"jti":"\\ud800"}', id="CA-41 half a surrogate pair"),
        pytest.param(b"{" + b"a" * 7_000 + b"}", id="CA-25 7 kB"),
        *JSON_FAULTS,
    ],
)
def test_a_well_signed_payload_of_this_text_is_refused(payload):
    assert_refused(forge(payload, pair()))


@requirement("RFC7515-5.2", "RFC7515-2")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_has_one_spelling(spelling):
    token = forge(CLAIMS, pair())
    assert verify(token)

    assert_refused(respelled(token)[spelling])


@case("CA-25")
@requirement("RFC8725-3.4")
@pytest.mark.parametrize(
    ("purpose", "longest"),
    [
        (Purpose.CLIENT_ASSERTION, 24_576),
        (Purpose.REQUEST_OBJECT, 98_304),
        (Purpose.SOFTWARE_STATEMENT, 65_536),
        (Purpose.ID_TOKEN, 16_384),
    ],
)
def test_a_token_has_a_longest_length(purpose, longest):
    """Refused although it is well signed."""
    room = longest * 3 // 4 - 200
    assert verify(forge({"x": "x" * room}, pair()), purpose=purpose)

    with pytest.raises(BadJOSE, match="too long"):
        verify(forge({"x": "x" * (room + 300)}, pair()), purpose=purpose)


@case("CA-25")
@requirement("RFC7515-4")
@pytest.mark.parametrize(
    "purpose",
    [each for each, rules in RULES.items() if rules.longest > LONGEST_HEADER],
)
def test_a_header_has_a_longest_length(purpose):
    """A chain of four certificates of RSA 4096 fits."""

    def made(characters):
        def signed(header):
            return forge(CLAIMS, pair(), header={"typ": RULES[purpose].writes} | header)

        token = signed(chain_filling(characters, signed))
        assert len(token.partition(".")[0]) == characters
        return token

    assert verify(made(16_384), purpose=purpose)
    for too_long in (16_386, 16_387):
        with pytest.raises(BadJOSE, match="header too long"):
            verify(made(too_long), purpose=purpose)


@case("CA-03")
@requirement("RFC7515-3.1")
@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "." * 8_000])
def test_a_compact_token_has_three_parts(token):
    with pytest.raises(BadJOSE, match="not a compact JWS"):
        verify(token)


@pytest.mark.parametrize("nothing", [None, 5, b"a.b.c", ["a"], {}])
def test_what_is_no_text_is_refused(nothing):
    assert_refused(nothing)


@requirement("FAPI2-MS-ID1-5.4.2-2", "RFC8725-3.1")
def test_an_unsigned_token_is_refused():
    assert_refused(forge(CLAIMS, pair(), header={"alg": "none"}, signature=b""))


@case("CA-04")
@requirement("RFC8725-2.1")
@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
@pytest.mark.parametrize("spelling", ["PEM", "PEM without newline", "DER", "JWK"])
def test_a_public_key_is_no_shared_secret(algorithm, spelling):
    key = pair(algorithm)
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    native = key.native.public_key
    pem = native.public_bytes(serialization.Encoding.PEM, info)
    secret = {
        "PEM": pem,
        "PEM without newline": pem.strip(),
        "DER": native.public_bytes(serialization.Encoding.DER, info),
        "JWK": json.dumps(key.jwk).encode(),
    }[spelling]
    signing_input = f"{segment({'alg': 'HS256', 'kid': key.native.kid})}.{segment(CLAIMS)}"
    token = f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), 'sha256'))}"

    assert_refused(token, of=key.public)
    assert_refused(token, of=key.public, algorithms=(*ALL, "HS256"))


@case("CA-06", "CA-07")
@requirement("FAPI2-SP-FINAL-5.4")
@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "PS512"])
def test_other_algorithms_are_refused_even_when_allowed(algorithm):
    key = pair("PS256")

    assert_refused(forge(CLAIMS, key, header={"alg": algorithm}, alg=algorithm), of=key.public)
    assert_refused(
        forge(CLAIMS, key, header={"alg": algorithm}, alg=algorithm),
        of=key.public,
        algorithms=[algorithm],
    )


@requirement("RFC8725-3.1")
@pytest.mark.parametrize(
    "algorithms",
    [
        pytest.param([], id="CA-09 empty"),
        pytest.param(["PS256"], id="CA-08 another one"),
        pytest.param(["none"], id="none"),
        pytest.param("ES256", id="a text"),
        pytest.param(None, id="nothing"),
    ],
)
def test_the_algorithm_must_be_one_that_the_caller_names(algorithms):
    assert_refused(forge(CLAIMS, pair()), algorithms=algorithms)


@requirement("RFC8725-3.1")
def test_the_algorithm_must_fit_the_key():
    ec, rsa = pair("ES256"), pair("PS256")
    both = keys(ec.jwk, rsa.jwk)
    assert verify(forge(CLAIMS, ec), of=both)

    assert_refused(forge(CLAIMS, ec, header={"kid": rsa.native.kid}), of=both)


@case("CA-17", "CA-20")
def test_a_key_that_is_not_in_the_set_verifies_nothing():
    assert_refused(forge(CLAIMS, pair(number=2)))
    assert_refused(forge(CLAIMS, pair(number=2), header={"kid": pair().native.kid}))
    assert_refused(forge(CLAIMS, pair()), of=keys())


@case("CA-18")
@requirement("RFC7517-4.5")
def test_without_a_kid_the_only_key_of_the_algorithm_is_meant():
    token = forge(CLAIMS, pair(), header={"kid": None})

    assert verify(token, of=keys(pair().jwk, pair("PS256").jwk)).claims == CLAIMS
    assert verify(token, of=keys(pair().bare_jwk)).claims == CLAIMS
    assert_refused(token, of=keys(pair().jwk, pair(number=2).jwk))


def test_a_kid_is_a_name_and_not_a_hint():
    assert_refused(forge(CLAIMS, pair()), of=keys(pair().bare_jwk))
    assert_refused(forge(CLAIMS, pair()), of=keys(pair().jwk | {"kid": "other"}))


@case("CA-11")
def test_a_second_signature_of_the_same_claims_carries_the_same_claims():
    """The order minus s signs as well, so no memory may go by the bytes of a token."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    token = forge(CLAIMS, pair())
    body, _, text = token.rpartition(".")
    signature = base64url.decode(text)
    other = (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    copy = f"{body}.{b64(signature[:32] + other)}"

    assert copy != token
    assert verify(copy).claims == verify(token).claims


PEEKS = {
    "a token": (forge(CLAIMS, pair()), True),
    "a forged one": (forge(CLAIMS, pair(), signature=b"x" * 64), True),
    "an unsigned one": (forge(CLAIMS, pair(), header={"alg": "none"}, signature=b""), False),
    "one of another purpose": (forge(CLAIMS, pair(), header={"typ": "at+jwt"}), False),
}


@pytest.mark.parametrize(("token", "readable"), PEEKS.values(), ids=PEEKS)
def test_peeking_parses_as_strictly_as_verifying(token, readable):
    if readable:
        assert jose.read(token, purpose=Purpose.CLIENT_ASSERTION).claims == CLAIMS
    else:
        with pytest.raises(BadJOSE):
            jose.read(token, purpose=Purpose.CLIENT_ASSERTION)


@requirement("RFC7515-4.1.4")
@pytest.mark.parametrize(
    ("token", "kid"),
    [
        pytest.param(forge(CLAIMS, pair()), "ES256-1", id="a token"),
        pytest.param(forge(CLAIMS, pair(), signature=b""), "ES256-1", id="a forged one"),
        pytest.param(forge(CLAIMS, pair(), header={"kid": None}), None, id="no kid"),
        pytest.param(forge(CLAIMS, pair(), header={"kid": 5}), None, id="a number"),
        pytest.param(forge(CLAIMS, pair(), header={"kid": ["k"]}), None, id="a list"),
        pytest.param(forge(CLAIMS, pair(), header={"kid": "k" * 13_000}), None, id="13 kB"),
        pytest.param(forge(CLAIMS, pair(), header=b'{"kid":"a","kid":"b"}'), None, id="twice"),
        pytest.param(forge(CLAIMS, pair(), header=b"[]"), None, id="a list for a header"),
        pytest.param("", None, id="nothing"),
        pytest.param("\ud800.x.x", None, id="half a surrogate pair"),
    ],
)
def test_the_kid_can_be_read_before_anything_is_believed(token, kid):
    assert jose.name_of(token).kid == kid


def test_a_proof_is_never_verified_with_somebody_elses_key_set():
    assert_refused(
        forge(CLAIMS, pair(), header={"typ": "dpop+jwt", "jwk": pair().jwk}),
        purpose=Purpose.DPOP_PROOF,
    )


@case("CA-60", "CA-24", "CA-25")
def test_refusing_is_quick():
    """Work is not what an unsigned input can ask for."""
    deep = forge(b"{" + b'"a":[' * 1_000, pair())
    worst = 'x"' + '\\"' * 30_000
    started = time.thread_time()
    for token in (deep, "." * 2_000_000, forge(worst.encode(), pair(), signature=b"x" * 64)):
        assert_refused(token)
    assert time.thread_time() - started < 0.3
