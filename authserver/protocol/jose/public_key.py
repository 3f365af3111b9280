"""Public keys that somebody sent: which we accept, and what we call them (RFC 7517, 7638)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from authserver.protocol.jose import base64url
from authserver.protocol.jose.faults import BadJOSE, only_bad_jose

KEY_CLASSES: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
SIGNS_WITH = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}  # FAPI2-SP-FINAL-5.4.1-2
OTHER_NAMES = {"EdDSA": "Ed25519"}  # RFC9864-2.2 renamed it
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

ED25519_PRIME = 2**255 - 19
ORDER_EIGHT = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
SMALL_ORDER = frozenset({0, 1, ED25519_PRIME - 1, ORDER_EIGHT, ED25519_PRIME - ORDER_EIGHT})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """``algorithm`` is the only one that the key verifies; ``kid`` is its sender's name for it."""

    algorithm: str
    kid: str | None
    thumbprint: str
    native: Key


@only_bad_jose
def import_public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Import a key that verifies signatures, or raise BadJOSE. Extra members are ignored."""
    native, its_thumbprint, algorithm = _imported(_canonical_text(jwk))
    if jwk.get("use", "sig") != "sig":
        raise BadJOSE("use is not sig")
    if "key_ops" in jwk and "verify" not in list(jwk["key_ops"]):
        raise BadJOSE("key_ops lacks verify")
    named = jwk.get("alg", algorithm)
    if OTHER_NAMES.get(named, named) != algorithm:
        raise BadJOSE("alg is not one of ours for this key")
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise BadJOSE("kid is not a string")
    return PublicKey(algorithm=algorithm, kid=kid, thumbprint=its_thumbprint, native=native)


@only_bad_jose
def import_encryption_key(jwk: Mapping[str, Any], *, algorithm: str) -> Key:
    """Import a key to which we encrypt with this algorithm, or raise BadJOSE."""
    native, _, _ = _imported(_canonical_text(jwk))
    if jwk.get("use", "enc") != "enc" or jwk.get("alg", algorithm) != algorithm:
        raise BadJOSE("a key for something else")
    return native


@only_bad_jose
def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint of a public key (RFC 7638), or raise BadJOSE."""
    return _thumbprint(_canonical_text(jwk))


def public_members(jwk: Mapping[str, Any]) -> dict[str, str]:
    """Return the members that make the key, in their one spelling; or raise BadJOSE.

    This is the key policy: RSA of 2048 to 4096 bits with the exponent 65537 (a huge one costs
    seventy times the time to verify), P-256 and Ed25519.
    """
    if PRIVATE_MEMBERS & set(jwk):
        raise BadJOSE("private or symmetric")
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", _:
            return _rsa_members(jwk)
        case "EC", "P-256":
            return {"crv": "P-256", "kty": "EC", "x": _octets(jwk, "x"), "y": _octets(jwk, "y")}
        case "OKP", "Ed25519":
            return {"crv": "Ed25519", "kty": "OKP", "x": _point(jwk)}
    raise BadJOSE("key type or curve")


def _rsa_members(jwk: Mapping[str, Any]) -> dict[str, str]:
    modulus = int.from_bytes(base64url.decode(jwk["n"]), "big")
    if not 2048 <= modulus.bit_length() <= 4096 or modulus % 2 == 0:
        raise BadJOSE("RSA size")
    if int.from_bytes(base64url.decode(jwk["e"]), "big") != 65537:
        raise BadJOSE("RSA exponent")
    octets = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    return {"e": "AQAB", "kty": "RSA", "n": base64url.encode(octets)}


def _octets(jwk: Mapping[str, Any], member: str) -> str:
    text: str = jwk[member]
    if len(base64url.decode(text)) != 32:
        raise BadJOSE("length of a coordinate")
    return text


def _point(jwk: Mapping[str, Any]) -> str:
    """The Ed25519 point; of small order, anybody could sign for it."""
    text = _octets(jwk, "x")
    y = int.from_bytes(base64url.decode(text), "little") % 2**255
    if y >= ED25519_PRIME or y in SMALL_ORDER:
        raise BadJOSE("Ed25519 point of small order")
    return text


def _canonical_text(jwk: Mapping[str, Any]) -> str:
    if not isinstance(jwk, Mapping):
        raise BadJOSE("a key is not an object")
    return json.dumps(public_members(jwk), sort_keys=True, separators=(",", ":"))


def _thumbprint(canonical_text: str) -> str:
    return base64url.encode(hashlib.sha256(canonical_text.encode("ascii")).digest())


@lru_cache(maxsize=512)  # a DPoP key comes along with every request
def _imported(canonical_text: str) -> tuple[Key, str, str]:
    members = json.loads(canonical_text)
    native = KEY_CLASSES[members["kty"]].import_key(members)
    return native, _thumbprint(canonical_text), SIGNS_WITH[members["kty"]]
