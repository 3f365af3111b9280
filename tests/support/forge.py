"""Tokens that no honest library makes: any header, any payload, and yet a good signature.

A refusal then has one cause only, the change that a test made.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from authserver.protocol import jose
from authserver.protocol.jose import base64url
from tests.support import rsa_keys

ALL = ("PS256", "ES256", "Ed25519")


@dataclass(frozen=True)
class Pair:
    """A key of somebody else; ``jwk`` is its public half, with a kid."""

    algorithm: str
    native: Key

    @property
    def jwk(self):
        return dict(self.native.as_dict(private=False))

    @property
    def private_jwk(self):
        return dict(self.native.as_dict(private=True))

    @property
    def bare_jwk(self):
        return {name: value for name, value in self.jwk.items() if name != "kid"}

    @property
    def public(self):
        return keys(self.jwk)


@cache
def pair(algorithm="ES256", number=1):
    """The same key for the same arguments, throughout the run."""
    parameters: Any = {"kid": f"{algorithm}-{number}"}
    match algorithm[:2]:
        case "ES":
            curve = "P-384" if algorithm == "ES384" else "P-256"
            return Pair(algorithm, ECKey.generate_key(curve, parameters))
        case "Ed":
            edwards: Any = algorithm
            return Pair(algorithm, OKPKey.generate_key(edwards, parameters))
    return Pair(algorithm, RSAKey.import_key(rsa_keys.key_of(f"{algorithm}-{number}"), parameters))


def keys(*jwks):
    """The key set of these JWKs, every one of them accepted."""
    found = jose.import_jwks({"keys": list(jwks)})
    assert not found.rejected
    return found


def b64(octets):
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def segment(part):
    if isinstance(part, str):
        return part
    return b64(part if isinstance(part, bytes) else json.dumps(part).encode())


def forge(payload, key, *, header=None, alg=None, signature=None):
    """A compact JWS with a good signature of the key over whatever is given.

    ``header`` changes the usual one, with None taking a member away; as bytes or text it
    replaces it. Dicts become JSON, bytes base64url, text stays the segment that it is.
    """
    if not isinstance(header, bytes | str):
        usual = {"alg": key.algorithm, "kid": key.native.kid}
        changed = usual | (header or {})
        header = {name: value for name, value in changed.items() if value is not None}
    signing_input = f"{segment(header)}.{segment(payload)}"
    if signature is None:
        made_with = JWSRegistry.algorithms[alg or key.algorithm]
        signature = made_with.sign(signing_input.encode(), key.native)
    return f"{signing_input}.{b64(signature)}"


JSON_FAULTS = [
    pytest.param(b"null", id="CA-23 null"),
    pytest.param(b"[]", id="CA-23 a list"),
    pytest.param(b'"x"', id="CA-23 a text"),
    pytest.param(b"5", id="CA-23 a number"),
    pytest.param(b"", id="CA-23 nothing"),
    pytest.param(b"\xff\xfe{}", id="CA-23 not UTF-8"),
    pytest.param(b"{" + b'"a":[' * 40_000, id="CA-24 nested deep"),
]

HEADER_FAULTS: list[Any] = [
    pytest.param({"alg": "none"}, id="CA-01 none"),
    *(
        pytest.param({"alg": value}, id=f"CA-02 {value!r}")
        for value in ("None", "nOnE", "NONE", "", 0, ["ES256"], {"ES256": 1}, True)
    ),
    pytest.param({"alg": None}, id="CA-02 missing"),
    *(
        pytest.param({"alg": value}, id=f"CA-07 {value}")
        for value in ("ES256K", "ES384", "ES512", "PS384", "PS512", "Ed448", "RS256", "HS256")
    ),
    *(
        pytest.param({"kid": value}, id=f"CA-15 {value!r:.20}")
        for value in (
            "../../dev/null",
            "' OR 1=1--",
            "%",
            "k" * 10_000,
            "\u0000",
            "",
            5,
            ["k"],
            "https://evil.example/",
            "__class__",
        )
    ),
    pytest.param({"crit": ["foo"]}, id="CA-21 crit foo"),
    pytest.param({"crit": ["exp"]}, id="CA-21 crit exp"),
    pytest.param({"crit": []}, id="CA-21 crit empty"),
    pytest.param({"crit": 5}, id="CA-21 crit a number"),
    pytest.param({"b64": False, "crit": ["b64"]}, id="CA-21 b64 critical"),
    pytest.param({"b64": False}, id="CA-21 b64"),
    pytest.param({"zip": "DEF"}, id="CA-60 zip"),
    pytest.param({"typ": 5}, id="typ is a number"),
    pytest.param({"typ": "at+jwt"}, id="typ of an access token"),
    pytest.param({"typ": "dpop+jwt"}, id="typ of a DPoP proof"),
    pytest.param({"padding": "x" * 12_300}, id="CA-25 a header of 12 kB"),
]

# What a header may say of its key beside the kid: it is never believed, fetched or minded.
HINTS: list[Any] = [
    pytest.param({"jku": "https://evil.example/jwks"}, id="CA-13 jku"),
    pytest.param({"x5u": "https://evil.example/chain"}, id="CA-14 x5u"),
    pytest.param({"x5c": ["MIIB"]}, id="CA-14 x5c"),
    pytest.param({"x5c": ["M" * 1_600]}, id="CA-14 x5c of a whole certificate"),
    pytest.param({"x5t": "x" * 27}, id="CA-14 x5t"),
    pytest.param({"x5t#S256": "x" * 43}, id="CA-14 x5t#S256"),
    pytest.param({"x5t#S256": 5, "x5c": None, "jku": ["x"], "x5u": {}}, id="CA-14 of other types"),
]
CHAIN_HINT = pytest.param({"x5c": ["M" * 2_600] * 4}, id="CA-14 x5c of a chain of RSA 4096")
JWK_HINT = pytest.param({"jwk": pair(number=2).jwk}, id="CA-12 a key of somebody else")


def chain_filling(characters, signed):
    """The x5c by which the header that ``signed(header=...)`` makes has so many characters.

    A segment of base64url has no length of 4n + 1.
    """
    octets = characters * 3 // 4
    empty = signed(header={"x5c": [""]}).partition(".")[0]
    return {"x5c": ["M" * (octets - len(empty) * 3 // 4)]}


HEADER_TEXT_FAULTS = [
    pytest.param(b'{"alg":"none","alg":"ES256","kid":"ES256-1"}', id="CA-22 repeated alg"),
    pytest.param(b'{"alg":"ES256","kid":"ES256-1","kid":"ES256-1"}', id="CA-22 repeated kid"),
    pytest.param('{"alg":"ES256","kid":"ES256-1"}'.encode("utf-16"), id="CA-23 UTF-16"),
    pytest.param(b'\xef\xbb\xbf{"alg":"ES256","kid":"ES256-1"}', id="CA-23 BOM"),
    pytest.param(b'{"alg":"ES256","kid":null}', id="CA-15 null"),
    pytest.param(b'{"alg":null,"kid":"ES256-1"}', id="CA-02 null"),
    pytest.param(b'{"alg":"ES256","kid":"ES256-1","typ":null}', id="typ null"),
    pytest.param(b'{"alg":"ES256","kid":"ES256-1","n":NaN}', id="NaN"),
    pytest.param(b'{"alg":"ES256","kid":"ES256-1","n":"\\ud800"}', id="half a surrogate pair"),
    *JSON_FAULTS,
]


def faults_outside(*members):
    """The header faults that leave these members alone."""
    return [fault for fault in HEADER_FAULTS if set(members).isdisjoint(fault.values[0])]


def respelled(token):
    """The same token in spellings that decode to the same octets in a lenient reader."""
    header, payload, signature = token.split(".")
    last = signature[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stray = signature[:-1] + alphabet[alphabet.index(last) ^ 1]
    return {
        "CA-03 two parts": f"{header}.{payload}",
        "CA-03 no signature": f"{header}.{payload}.",
        "CA-03 four parts": f"{token}.{signature}",
        "CA-03 five parts": f"{token}.{signature}.{signature}",
        "CA-03 nothing": "",
        "CA-03 only dots": "..",
        "CA-26 padding": f"{token}==",
        "CA-26 padding inside": f"{header}=.{payload}.{signature}",
        "CA-26 a newline at the end": f"{token}\n",
        "CA-26 a space at the start": f" {token}",
        "CA-26 a newline inside": f"{header}\n.{payload}.{signature}",
        "CA-26 the other alphabet": f"{header}.{payload}.+/{signature[2:]}",
        "CA-26 stray bits": f"{header}.{payload}.{stray}",
        "CA-25 200 kB": f"{header}.{payload}{'A' * 200_000}.{signature}",
        "not ASCII": f"{header}.{payload}.\u00e9{signature}",
        "half a surrogate pair": f"{header}.{payload}.\ud800{signature}",
    }


SPELLINGS = tuple(respelled("e30.e30.AAAA"))


def header_of(token: str) -> Any:
    """What the first part of a token says."""
    return json.loads(base64url.decode(token.split(".")[0]))
