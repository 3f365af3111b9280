"""RFC 7515 and 7519: what we sign, with which key, and what we publish of it."""

import json
import warnings

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import import_key

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose, base64url
from authserver.protocol.jose.purpose import RULES
from tests.support.forge import ALL

requirement = pytest.mark.requirement

PEMS = {name: jose.generate(name) for name in (*ALL, "EdDSA", "RSA-OAEP-256", "ECDH-ES")}
KEYS = {name: jose.load_private_key(pem, name) for name, pem in PEMS.items()}
CLAIMS = {"iss": "https://as.example.com", "name": "\u0645\u0635\u0631\u0641", "n": 1.5}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def header_of(token):
    return json.loads(base64url.decode(token.split(".")[0]))


@requirement("FAPI2-SP-FINAL-5.4.1-1")
@pytest.mark.parametrize("algorithm", [*ALL, "EdDSA"])
def test_what_we_sign_verifies_with_what_we_publish(algorithm):
    key = KEYS[algorithm]
    published = jose.public_jwk(key)

    token = jose.sign(CLAIMS, purpose=Purpose.ACCESS_TOKEN, key=key)

    assert header_of(token) == {"alg": algorithm, "typ": "at+jwt", "kid": key.kid}
    found = jose.verify(
        token,
        purpose=Purpose.ACCESS_TOKEN,
        keys=jose.import_jwks({"keys": [published]}),
        algorithms=ALL,
    )
    assert found.claims == CLAIMS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert jwt.decode(token, import_key({**published}), algorithms=[algorithm]).claims == CLAIMS


@requirement("RFC7638-3")
@pytest.mark.parametrize("algorithm", KEYS)
def test_a_published_key_is_public_and_says_what_it_is_for(algorithm):
    published = jose.public_jwk(KEYS[algorithm])

    assert not PRIVATE & set(published)
    assert published["alg"] == algorithm
    assert published["use"] == ("enc" if algorithm in ("RSA-OAEP-256", "ECDH-ES") else "sig")
    assert published["kid"] == jose.thumbprint(published)


def test_a_kid_can_be_given():
    key = jose.load_private_key(PEMS["ES256"], "ES256", kid="2026-11")

    assert jose.public_jwk(key)["kid"] == "2026-11"
    assert header_of(jose.sign({}, purpose=Purpose.ID_TOKEN, key=key))["kid"] == "2026-11"


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_key_never_shows_its_secret(algorithm):
    key = KEYS[algorithm]
    secret = str(key.native.as_dict(private=True)["d"])

    assert secret not in repr(key)
    assert secret not in str(jose.public_jwk(key))


@requirement("RFC8725-3.11")
@pytest.mark.parametrize("purpose", [each for each in Purpose if each != Purpose.DPOP_PROOF])
def test_every_purpose_writes_a_type_that_it_reads(purpose):
    key = KEYS["ES256"]
    token = jose.sign(CLAIMS, purpose=purpose, key=key)
    keys = jose.import_jwks({"keys": [jose.public_jwk(key)]})

    found = jose.verify(token, purpose=purpose, keys=keys, algorithms=["ES256"])

    assert found.header["typ"] == RULES[purpose].writes


def test_headers_can_be_added_and_not_replaced():
    token = jose.sign(
        {},
        purpose=Purpose.ID_TOKEN,
        key=KEYS["ES256"],
        headers={"alg": "none", "typ": "x", "kid": "x", "extra": "kept"},
    )

    assert header_of(token) == {
        "alg": "ES256",
        "typ": "JWT",
        "kid": KEYS["ES256"].kid,
        "extra": "kept",
    }


@pytest.mark.parametrize(
    "claims",
    [{"exp": float("nan")}, {"exp": float("inf")}, {"x": object()}, {"x": "\ud800"}],
    ids=["NaN", "infinite", "an object", "half a surrogate pair"],
)
def test_what_is_no_json_is_not_signed(claims):
    with pytest.raises(BadJOSE):
        jose.sign(claims, purpose=Purpose.ID_TOKEN, key=KEYS["ES256"])


@pytest.mark.parametrize("algorithm", ["RSA-OAEP-256", "ECDH-ES"])
def test_an_encryption_key_does_not_sign(algorithm):
    with pytest.raises(BadJOSE):
        jose.sign({}, purpose=Purpose.ID_TOKEN, key=KEYS[algorithm])


def pem_of(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


SHORT = 1024
WEAK = pem_of(rsa.generate_private_key(public_exponent=65537, key_size=SHORT))


@requirement("FAPI2-SP-FINAL-5.4.1-3")
@pytest.mark.parametrize(
    ("pem", "algorithm", "reason"),
    [
        pytest.param(WEAK, "PS256", "RSA size", id="RSA-1024"),
        pytest.param(
            pem_of(ec.generate_private_key(ec.SECP384R1())),
            "ES256",
            "key type or curve",
            id="P-384",
        ),
        pytest.param(PEMS["ES256"], "PS256", "something else", id="EC for PS256"),
        pytest.param(PEMS["PS256"], "Ed25519", "something else", id="RSA for Ed25519"),
        pytest.param(PEMS["PS256"], "RS256", "KeyError", id="RS256"),
        pytest.param(PEMS["ES256"], "none", "KeyError", id="none"),
        pytest.param("", "ES256", "ValueError", id="nothing"),
        pytest.param(
            "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----",
            "ES256",
            "ValueError",
            id="an empty key",
        ),
    ],
)
def test_a_private_key_that_does_not_fit_is_not_loaded(pem, algorithm, reason):
    with pytest.raises(BadJOSE, match=reason):
        jose.load_private_key(pem, algorithm)


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "none", "", None, []])
def test_no_key_is_made_for_another_algorithm(algorithm):
    with pytest.raises(BadJOSE):
        jose.generate(algorithm)
