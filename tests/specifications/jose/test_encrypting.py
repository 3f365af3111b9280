"""RFC 7516: signed tokens inside encrypted ones."""

import json
import time
import warnings
import zlib

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose, base64url
from tests.support import world
from tests.support.forge import (
    ALL,
    CHAIN_HINT,
    HINTS,
    JWK_HINT,
    b64,
    chain_filling,
    forge,
    header_of,
    pair,
)

case = pytest.mark.case
requirement = pytest.mark.requirement

ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "ECDH-ES")
OTHERS = ("RSA1_5", "ECDH-ES+A128KW", "A128CBC-HS256", "A192GCM", "DEF")
KEYS = {name: jose.load_private_key(world.server_key_pem(name, 1), name) for name in ALGORITHMS}
SIGNED = forge({"iss": "tpp"}, pair())


def encrypted(plaintext=SIGNED, *, key="RSA-OAEP-256", **header):
    """A well-made JWE to our key with these header members; the library's limits are lifted."""
    usual = {"alg": key, "enc": "A256GCM", "kid": KEYS[key].kid} | header
    protected = {name: value for name, value in usual.items() if value is not None}
    registry = jwe.JWERegistry(
        algorithms=[*ALGORITHMS, *OTHERS, "A256GCM", "A128GCM"],
        strict_check_header=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library disapproves of RSA1_5 as well
        return jwe.encrypt_compact(protected, plaintext, KEYS[key].native, registry=registry)


@requirement("RFC7519-5.2", "JAR-6.1")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("enc", ["A256GCM", "A128GCM"])
def test_what_is_encrypted_to_us_opens(algorithm, enc):
    key = KEYS[algorithm]

    token = jose.encrypt_nested(SIGNED, jwk=jose.public_jwk(key), alg=algorithm, enc=enc)

    assert jose.is_jwe_shape(token)
    header = header_of(token)
    assert (header["alg"], header["enc"], header["cty"]) == (algorithm, enc, "JWT")
    assert header["kid"] == key.kid
    assert jose.decrypt_nested(token, key=key) == SIGNED
    assert jose.decrypt_nested(encrypted(key=algorithm, enc=enc, kid=None), key=key) == SIGNED


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_says_what_to_encrypt_to_it_with(algorithm):
    jwk = jose.public_jwk(KEYS[algorithm])
    unnamed = {name: value for name, value in jwk.items() if name != "alg"}

    assert header_of(jose.encrypt_nested(SIGNED, jwk=jwk))["alg"] == algorithm
    assert (
        header_of(jose.encrypt_nested(SIGNED, jwk=unnamed))["alg"]
        == {
            "RSA": "RSA-OAEP-256",
            "EC": "ECDH-ES",
        }[jwk["kty"]]
    )


@requirement("CBUAE-2.2.1")
def test_either_oaep_opens_with_one_rsa_key():
    key = KEYS["RSA-OAEP-256"]

    assert jose.decrypt_nested(encrypted(alg="RSA-OAEP"), key=key) == SIGNED


@requirement("RFC7516-4.1")
@pytest.mark.parametrize("hint", [*HINTS[:-1], JWK_HINT, CHAIN_HINT])
def test_a_hint_of_the_key_is_not_minded_and_not_believed(hint):
    assert jose.decrypt_nested(encrypted(**hint), key=KEYS["RSA-OAEP-256"]) == SIGNED
    with pytest.raises(BadJOSE, match="alg does not fit the key"):
        jose.decrypt_nested(encrypted(**hint), key=KEYS["ECDH-ES"])


@case("CA-25")
@requirement("RFC7516-4.1")
def test_a_header_has_a_longest_length():
    """As long as that of what is signed inside."""

    def made(characters):
        return encrypted(**chain_filling(characters, lambda header: encrypted(**header)))

    assert jose.decrypt_nested(made(16_384), key=KEYS["RSA-OAEP-256"]) == SIGNED
    with pytest.raises(BadJOSE):
        jose.decrypt_nested(made(16_386), key=KEYS["RSA-OAEP-256"])


MEMBER = "a header member that we refuse"
SHAPE = "not a compact JWE"
INSIDE = "no signed token inside"


@requirement("RFC7516-5.2", "RFC8725-3.1")
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(encrypted(alg="RSA1_5"), "alg does not fit the key", id="RSA1_5"),
        pytest.param(encrypted(key="ECDH-ES"), "alg does not fit the key", id="to an EC key"),
        pytest.param(encrypted(enc="A128CBC-HS256"), "enc is not one of ours", id="CBC"),
        pytest.param(encrypted(enc="A192GCM"), "enc is not one of ours", id="A192GCM"),
        pytest.param(encrypted(zip="DEF"), MEMBER, id="CA-60 compressed"),
        pytest.param(encrypted(b64=True), MEMBER, id="b64"),
        pytest.param(encrypted(kid="another"), "encrypted to another key", id="another kid"),
        pytest.param(encrypted("no token"), INSIDE, id="no token inside"),
        pytest.param(encrypted(f"{SIGNED}.x.x"), INSIDE, id="an encrypted token inside"),
        pytest.param(encrypted(b"\xff.\xff.\xff"), "UnicodeDecodeError", id="no text inside"),
        pytest.param(encrypted("a." + "x" * 100_000 + ".b"), SHAPE, id="133 kB"),
        pytest.param(SIGNED, SHAPE, id="a signed token"),
        pytest.param("", SHAPE, id="nothing"),
        pytest.param("....", "JSONDecodeError", id="only dots"),
        pytest.param(None, "TypeError", id="null"),
    ],
)
def test_what_we_do_not_take_is_refused_for_that(token, reason):
    assert jose.decrypt_nested(encrypted(), key=KEYS["RSA-OAEP-256"]) == SIGNED

    with pytest.raises(BadJOSE) as refusal:
        jose.decrypt_nested(token, key=KEYS["RSA-OAEP-256"])
    assert str(refusal.value) == reason
    assert refusal.value.__context__ is None


@requirement("RFC7516-5.2")
@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("algorithm", ["RSA-OAEP-256", "ECDH-ES"])
def test_no_part_can_be_changed(part, algorithm):
    parts = encrypted(key=algorithm).split(".")
    octets = bytearray(base64url.decode(parts[part]) or b"x")
    octets[len(octets) // 2] ^= 1
    changed = [*parts[:part], b64(bytes(octets)), *parts[part + 1 :]]
    padded = [*parts[:part], parts[part] + "=", *parts[part + 1 :]]

    with pytest.raises(BadJOSE):
        jose.decrypt_nested(".".join(changed), key=KEYS[algorithm])
    with pytest.raises(BadJOSE, match="not base64url"):
        jose.decrypt_nested(".".join(padded), key=KEYS[algorithm])


@requirement("RFC7518-4.6")
@pytest.mark.parametrize(
    ("epk", "reason"),
    [
        pytest.param(..., "KeyError", id="missing"),
        pytest.param(5, "TypeError", id="a number"),
        pytest.param({}, "key type or curve", id="empty"),
        pytest.param({"kty": "oct", "k": "AA"}, "private or symmetric", id="a secret"),
        pytest.param(pair("PS256").jwk, "ephemeral key", id="RSA"),
        pytest.param(pair("Ed25519").jwk, "ephemeral key", id="Ed25519"),
        pytest.param(pair("ES384").jwk, "key type or curve", id="P-384"),
        pytest.param(pair("ES256").private_jwk, "private or symmetric", id="private"),
        pytest.param({**pair().jwk, "y": pair().jwk["x"]}, "ValueError", id="off the curve"),
    ],
)
def test_a_bad_ephemeral_key_is_refused(epk, reason):
    token = encrypted(key="ECDH-ES")
    header = {**header_of(token), "epk": epk}
    changed = {name: value for name, value in header.items() if value is not ...}

    with pytest.raises(BadJOSE) as refusal:
        jose.decrypt_nested(
            ".".join([b64(json.dumps(changed).encode()), *token.split(".")[1:]]),
            key=KEYS["ECDH-ES"],
        )
    assert str(refusal.value) == reason


def bombs():
    secret = OctKey.import_key(b"p" * 32)
    registry = jwe.JWERegistry(algorithms=["PBES2-HS256+A128KW", "A256GCM", "dir", "DEF"])
    password = {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2s": "c2FsdA", "p2c": 1_000}
    honest = jwe.encrypt_compact(password, SIGNED, secret, registry=registry)
    greedy = b64(json.dumps(password | {"p2c": 1_000_000_000}).encode())
    yield ".".join([greedy, *honest.split(".")[1:]])
    yield jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
        zlib.compress(b"0" * 40_000),
        secret,
        registry=registry,
    )
    yield encrypted(b"0" * 240_000, zip="DEF")


@case("CA-60")
@requirement("RFC8725-2.3")
def test_a_bomb_costs_nothing():
    for bomb in bombs():
        started = time.thread_time()
        for name in ("RSA-OAEP-256", "ECDH-ES"):
            with pytest.raises(BadJOSE):
                jose.decrypt_nested(bomb, key=KEYS[name])
        with pytest.raises(BadJOSE):
            jose.verify(bomb, purpose=Purpose.CLIENT_ASSERTION, keys=pair().public, algorithms=ALL)
        assert time.thread_time() - started < 0.1


def test_a_signing_key_does_not_decrypt():
    key = jose.load_private_key(jose.generate("ES256"), "ES256")
    jwk = {name: value for name, value in jose.public_jwk(key).items() if name in "kty crv x y"}
    token = jose.encrypt_nested(SIGNED, jwk=jwk)

    with pytest.raises(BadJOSE, match="alg does not fit the key"):
        jose.decrypt_nested(token, key=key)


ELSE = "a key for something else"


@pytest.mark.parametrize(
    ("jwk", "how", "reason"),
    [
        pytest.param(pair("PS256").jwk | {"use": "sig"}, {}, ELSE, id="a signing key"),
        pytest.param(pair("PS256").jwk | {"alg": "PS256"}, {}, "KeyError", id="a key for PS256"),
        pytest.param(
            pair("PS256").jwk | {"alg": "RSA-OAEP"},
            {"alg": "RSA-OAEP-256"},
            ELSE,
            id="the other OAEP",
        ),
        pytest.param(pair("PS256").jwk, {"alg": "ECDH-ES"}, ELSE, id="RSA for ECDH"),
        pytest.param(pair("ES256").jwk, {"alg": "RSA-OAEP"}, ELSE, id="EC for RSA-OAEP"),
        pytest.param(pair("PS256").jwk, {"alg": "RSA1_5"}, "KeyError", id="RSA1_5"),
        pytest.param(
            pair("PS256").jwk, {"enc": "A128CBC-HS256"}, "UnsupportedAlgorithm", id="another enc"
        ),
        pytest.param(pair("ES384").jwk, {}, "key type", id="P-384"),
        pytest.param(pair("Ed25519").jwk, {}, "KeyError", id="Ed25519"),
        pytest.param({"kty": "oct", "k": "AAAA"}, {"alg": "dir"}, "private or symmetric", id="oct"),
        pytest.param({}, {}, "KeyError", id="nothing"),
    ],
)
def test_nothing_is_encrypted_to_a_key_that_is_not_for_it(jwk, how, reason):
    with pytest.raises(BadJOSE, match=reason):
        jose.encrypt_nested(SIGNED, jwk=jwk, **how)
