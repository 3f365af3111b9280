"""RFC 7517 and 7638: which keys of a stranger we take, and what we call them."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import OKPKey

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose
from authserver.protocol.jose.public_key import ED25519_PRIME, SMALL_ORDER
from tests.support import rsa_keys
from tests.support.forge import ALL, b64, forge, pair

case = pytest.mark.case
requirement = pytest.mark.requirement

GOOD = pair().jwk
SHORT = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
EVEN = (1 << 2047) + (1 << 3)


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rsa_jwk(key=None, *, exponent=65537):
    public = (key or rsa_keys.key_of("somebody")).public_key()
    return {"kty": "RSA", "n": number(public.public_numbers().n), "e": number(exponent)}


@requirement("RFC7638-3.1")
@pytest.mark.parametrize(
    ("jwk", "expected"),
    [
        pytest.param(
            {
                "kty": "RSA",
                "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFx"
                "uhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6C"
                "f0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91"
                "CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-c"
                "sFCur-kEgU8awapJzKnqDKgw",
                "e": "AQAB",
                "alg": "RS256",
                "kid": "2011-04-29",
            },
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            id="RFC 7638",
        ),
        pytest.param(
            {
                "kty": "EC",
                "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
                "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
                "crv": "P-256",
            },
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            id="RFC 9449",
        ),
        pytest.param(
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            id="RFC 8037",
        ),
    ],
)
def test_thumbprints_are_those_of_the_standards(jwk, expected):
    assert jose.thumbprint(jwk) == expected


@requirement("RFC7638-3.3")
def test_a_key_has_one_thumbprint_however_its_modulus_is_written():
    jwk = rsa_jwk()
    for name in ("n", "e"):
        padded = jwk | {name: b64(b"\x00" + jose.base64url.decode(jwk[name]))}
        assert padded[name] != jwk[name]
        assert jose.thumbprint(padded) == jose.thumbprint(jwk)


@requirement("CBUAE-2.2.1", "RFC7517-4")
def test_members_of_a_directory_are_tolerated():
    jwk = GOOD | {
        "x5c": ["MIIB"],
        "x5u": "https://directory.example/1.pem",
        "x5t#S256": "x" * 43,
        "x5dn": "CN=1, O=Bank",
        "use": "sig",
        "key_ops": ["verify"],
        "nbf": 5,
    }

    found = jose.import_jwks({"keys": [jwk]})

    assert len(found) == 1
    assert found.rejected == ()


REFUSED_KEYS = [
    pytest.param({"kty": "oct", "k": "c2VjcmV0"}, "private", id="JW-14 oct"),
    pytest.param(pair("ES256").private_jwk, "private", id="JW-14 private EC"),
    pytest.param(pair("PS256").private_jwk, "private", id="JW-14 private RSA"),
    pytest.param(pair("Ed25519").private_jwk, "private", id="JW-14 private Ed25519"),
    pytest.param(rsa_jwk(SHORT), "RSA size", id="JW-16 RSA-1024"),
    pytest.param(
        {"kty": "RSA", "n": number((1 << 8191) + 1), "e": "AQAB"}, "RSA size", id="RSA-8192"
    ),
    pytest.param({"kty": "RSA", "n": number(EVEN), "e": "AQAB"}, "RSA size", id="even"),
    pytest.param(rsa_jwk(exponent=1), "RSA exponent", id="JW-16 e=1"),
    pytest.param(rsa_jwk(exponent=3), "RSA exponent", id="e=3"),
    pytest.param(rsa_jwk(exponent=(1 << 2046) + 1), "RSA exponent", id="huge exponent"),
    pytest.param({"kty": "EC", "crv": "P-192", "x": "x", "y": "y"}, "curve", id="JW-16 P-192"),
    pytest.param(GOOD | {"crv": "secp256k1"}, "curve", id="JW-16 secp256k1"),
    pytest.param(pair("ES384").jwk, "curve", id="P-384"),
    pytest.param(OKPKey.generate_key("X25519").as_dict(private=False), "curve", id="JW-16 X25519"),
    pytest.param(pair("Ed448").jwk, "curve", id="Ed448"),
    pytest.param(GOOD | {"kty": "AKP"}, "type", id="unknown type"),
    pytest.param(GOOD | {"kty": None}, "type", id="no type"),
    pytest.param(GOOD | {"kty": ["EC"]}, "type", id="type is a list"),
    pytest.param(GOOD | {"y": GOOD["x"]}, "", id="not on the curve"),
    pytest.param(GOOD | {"x": GOOD["x"] + "="}, "", id="padded"),
    pytest.param(GOOD | {"x": GOOD["x"][:-3]}, "coordinate", id="a short coordinate"),
    pytest.param(GOOD | {"x": 5}, "", id="a number for a coordinate"),
    pytest.param(GOOD | {"use": "enc"}, "use", id="JW-16 for encryption"),
    pytest.param(GOOD | {"use": None}, "use", id="use null"),
    pytest.param(GOOD | {"key_ops": ["sign"]}, "key_ops", id="not for verifying"),
    pytest.param(GOOD | {"key_ops": "verify"}, "key_ops", id="key_ops is a text"),
    pytest.param(GOOD | {"key_ops": 5}, "", id="key_ops is a number"),
    pytest.param(GOOD | {"alg": "PS256"}, "alg", id="JW-16 alg of another type"),
    pytest.param(pair("PS256").jwk | {"alg": "RS256"}, "alg", id="JW-16 alg RS256"),
    pytest.param(GOOD | {"alg": ["ES256"]}, "", id="alg is a list"),
    pytest.param(GOOD | {"kid": 5}, "kid", id="kid is a number"),
    pytest.param("a key", "object", id="a text"),
    pytest.param(None, "object", id="null"),
    pytest.param([GOOD], "object", id="a list"),
]


@case("JW-13")
@requirement("RFC7517-5", "FAPI2-SP-FINAL-5.4.1-3")
@pytest.mark.parametrize(("jwk", "reason"), REFUSED_KEYS)
def test_a_bad_key_is_left_out_and_the_good_ones_stay(jwk, reason):
    other = pair(number=2)

    found = jose.import_jwks({"keys": [other.jwk, jwk, pair("PS256").jwk]})

    assert [key.thumbprint for key in found.keys] == [
        other.native.thumbprint(),
        pair("PS256").native.thumbprint(),
    ]
    [report] = found.rejected
    kid = jwk.get("kid") if isinstance(jwk, dict) else None
    assert report.startswith(f"key 2 ({kid}): " if isinstance(kid, str) else "key 2: ")
    assert reason in report
    assert jose.verify(
        forge({}, other), purpose=Purpose.CLIENT_ASSERTION, keys=found, algorithms=ALL
    )


@case("JW-12")
@requirement("RFC7517-5")
@pytest.mark.parametrize(
    "document",
    [None, [], {}, "x", 5, {"keys": None}, {"keys": 5}, {"keys": {}}, {"keys": "x"}],
    ids=repr,
)
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(BadJOSE):
        jose.import_jwks(document)


def test_a_set_without_a_usable_key_is_empty_and_says_why():
    found = jose.import_jwks({"keys": [{"kty": "oct", "k": "AA"}, {}]})

    assert len(found) == 0
    assert len(found.rejected) == 2


@case("JW-15")
@requirement("RFC7517-4.5")
@pytest.mark.parametrize("swapped", [False, True])
def test_a_kid_of_two_keys_is_used_for_neither(swapped):
    first, second = pair(), pair(number=2)
    twins = [first.jwk, second.jwk | {"kid": first.native.kid}]
    third = pair("PS256")

    found = jose.import_jwks({"keys": [*(twins[::-1] if swapped else twins), third.jwk]})

    assert [key.thumbprint for key in found.keys] == [third.native.thumbprint()]
    assert found.rejected == ("ES256-1 names several ES256 keys",)


def test_the_same_key_twice_is_one_key():
    found = jose.import_jwks({"keys": [GOOD, GOOD, GOOD | {"use": "sig"}]})

    assert len(found) == 1
    assert found.rejected == ()


def test_an_encryption_key_may_share_the_kid_of_a_signing_key():
    found = jose.import_jwks({"keys": [GOOD, pair(number=2).jwk | {"kid": "x", "use": "enc"}]})

    assert len(found) == 1


@case("JW-15")
@requirement("RFC7517-4.5")
@pytest.mark.parametrize("swapped", [False, True])
def test_a_kid_and_an_algorithm_together_name_a_key(swapped):
    ec, rsa = pair(), pair("PS256")
    twins = [ec.jwk, rsa.jwk | {"kid": ec.native.kid}]

    found = jose.import_jwks({"keys": twins[::-1] if swapped else twins})

    assert len(found) == 2
    assert found.rejected == ()
    for key in (ec, rsa):
        token = forge({}, key, header={"kid": ec.native.kid})
        named = jose.keys_named({"keys": twins}, jose.name_of(token))
        for keys in (found, named):
            verified = jose.verify(
                token, purpose=Purpose.CLIENT_ASSERTION, keys=keys, algorithms=ALL
            )
            assert verified.key_thumbprint == key.native.thumbprint()


@requirement("RFC7517-5")
@pytest.mark.parametrize("others", [0, 25, 100, 1_000])
def test_a_set_is_searched_to_its_end(others):
    crowd = [pair(number=2).jwk | {"kid": f"other-{place}"} for place in range(others)]
    token = forge({}, pair())

    found = jose.keys_named({"keys": [*crowd, {}, GOOD]}, jose.name_of(token))

    assert [key.thumbprint for key in found.keys] == [pair().native.thumbprint()]
    assert len(jose.import_jwks({"keys": [*crowd, GOOD]})) == others + 1


def test_no_token_has_more_than_a_hundred_keys_judged_for_it():
    """Without a kid, or with one that a set repeats: whoever sends it needs to prove nothing."""
    same = [GOOD] * 101

    for name in (jose.KeyName(), jose.KeyName("ES256-1", "ES256")):
        assert len(jose.keys_named({"keys": same[1:]}, name)) == 1
        with pytest.raises(BadJOSE, match="too many keys of one name"):
            jose.keys_named({"keys": same}, name)


@requirement("RFC7517-4.5")
@pytest.mark.parametrize(
    ("jwk", "fits"),
    [
        (GOOD, True),
        (GOOD | {"alg": "ES256"}, True),
        (GOOD | {"alg": "RS256"}, False),
        (GOOD | {"alg": ["ES256"]}, False),
        (GOOD | {"kid": "other"}, False),
        (pair("PS256").jwk | {"kid": "ES256-1"}, False),
        ({}, False),
        (5, False),
    ],
)
def test_what_a_key_says_of_itself_must_fit_its_name(jwk, fits):
    name = jose.KeyName("ES256-1", "ES256")

    assert name.fits(jwk) is fits
    assert jose.has_key({"keys": [jwk]}, name) is fits
    assert jose.has_key({"keys": [jwk]}, jose.KeyName(None, "ES256"))


def test_a_report_never_quotes_the_key():
    for refused in REFUSED_KEYS:
        jwk = refused.values[0]
        [report] = jose.import_jwks({"keys": [jwk]}).rejected
        for value in jwk.values() if isinstance(jwk, dict) else []:
            assert len(str(value)) < 20 or json.dumps(value) not in report


def test_small_order_is_what_it_says():
    """Eight times each of these points is the neutral element of the curve."""
    d = -121665 * pow(121666, -1, ED25519_PRIME) % ED25519_PRIME
    for y in SMALL_ORDER:
        for _ in range(3):  # doubling needs x squared alone: x2 = (y2 - 1) / (d y2 + 1)
            x2 = (y * y - 1) * pow(d * y * y + 1, -1, ED25519_PRIME) % ED25519_PRIME
            y = (y * y + x2) * pow(2 - y * y + x2, -1, ED25519_PRIME) % ED25519_PRIME
        assert y == 1


@requirement("RFC8037-2")
@pytest.mark.parametrize("y", sorted({*SMALL_ORDER, ED25519_PRIME, ED25519_PRIME + 1}))
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_point_for_which_everybody_can_sign_is_no_key(y, sign):
    x = b64((y + sign).to_bytes(32, "little"))

    with pytest.raises(BadJOSE, match="small order"):
        jose.thumbprint({"kty": "OKP", "crv": "Ed25519", "x": x})
