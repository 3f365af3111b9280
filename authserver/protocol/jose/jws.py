"""Signed tokens in the compact form (RFC 7515)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from joserfc.jws import JWSRegistry

from authserver.protocol import strict_json
from authserver.protocol.jose import base64url
from authserver.protocol.jose.faults import BadJOSE, only_bad_jose
from authserver.protocol.jose.key_sets import KeyName, PublicKeys
from authserver.protocol.jose.private_key import PrivateKey
from authserver.protocol.jose.public_key import OTHER_NAMES, PublicKey, import_public_key
from authserver.protocol.jose.purpose import RULES, Purpose

# Looked up once: the registry's own look-up falls back to a default list, HS256 in it, when it
# is given an empty one, and warns at every use of EdDSA.
ALGORITHMS = {name: JWSRegistry.algorithms[name] for name in ("ES256", "PS256", "Ed25519")}
# Characters as sent: a chain of four certificates fits, 12 KB, that libraries add and nobody reads.
LONGEST_HEADER = 16_384
LONGEST_KNOWN_HEADER = 1024  # what is kept for the next token is bounded
CHANGES_THE_RULES = frozenset({"crit", "b64", "zip"})


@dataclass(frozen=True, slots=True)
class Verified:
    """What a key of this RFC 7638 thumbprint signed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    key_thumbprint: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token that was taken apart and is as good as its sender: nothing in it is proven.

    ``algorithm`` is one of ours, and the header has nothing that we refuse.
    """

    header: Mapping[str, Any]
    algorithm: str
    payload: str
    signing_input: bytes
    signature: bytes
    purpose: Purpose
    claims: Mapping[str, Any] | None = None  # where they were read already

    @property
    def key_name(self) -> KeyName:
        """The key that the header names: good for finding those that may be meant."""
        return KeyName(kid=self.header.get("kid"), algorithm=self.algorithm)


@only_bad_jose
def read(token: str, *, purpose: Purpose) -> Unverified:
    """Take the token apart, claims too, or raise BadJOSE.

    Good for finding whose keys to use, and for ``verify``, which need not do so again.
    """
    unverified = _parse(token, purpose)
    return replace(unverified, claims=_claims(unverified))


@only_bad_jose
def verify(
    token: str | Unverified,
    *,
    purpose: Purpose,
    keys: PublicKeys,
    algorithms: Collection[str],
) -> Verified:
    """Return what one of the keys signed for this purpose, or raise BadJOSE.

    ``algorithms`` narrows ES256, PS256 and Ed25519 and never widens them; EdDSA is another name
    of Ed25519. Claims are not judged. What the header says of its key beside the kid (jwk, jku,
    x5u, x5c, x5t) is not looked at: the key is one of ``keys`` or none. A token that was ``read``
    was read for the same purpose.
    """
    if RULES[purpose].key_in_header:
        raise BadJOSE("the key of this purpose is in its header")
    parsed = _parse(token, purpose) if isinstance(token, str) else token
    if parsed.purpose != purpose:
        raise BadJOSE("read for another purpose")
    _is_allowed(parsed.algorithm, algorithms)
    key = keys.the_one(kid=parsed.header.get("kid"), algorithm=parsed.algorithm)
    return _signed_by(key, parsed)


@only_bad_jose
def verify_embedded(token: str, *, algorithms: Collection[str]) -> Verified:
    """Return what the key in the header of a DPoP proof signed, or raise BadJOSE."""
    parsed = _parse(token, Purpose.DPOP_PROOF)
    _is_allowed(parsed.algorithm, algorithms)
    key = import_public_key(parsed.header["jwk"])
    if key.algorithm != parsed.algorithm:
        raise BadJOSE("alg does not fit the key")
    return _signed_by(key, parsed)


def name_of(token: str) -> KeyName:
    """Return the key that the header names, unverified; what cannot be read is None.

    Good for nothing but finding the keys that may be meant, and deciding whether their set is
    worth fetching again.
    """
    header_text = token[:LONGEST_HEADER].partition(".")[0]
    try:
        header = _header(header_text)
    except (BadJOSE, strict_json.BadJSON):
        return KeyName()
    kid, named = header.get("kid"), header.get("alg")
    algorithm = OTHER_NAMES.get(named, named) if isinstance(named, str) else None
    return KeyName(
        kid=kid if isinstance(kid, str) else None,
        algorithm=algorithm if algorithm in ALGORITHMS else None,
    )


@only_bad_jose
def sign(
    claims: Mapping[str, Any],
    *,
    purpose: Purpose,
    key: PrivateKey,
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Return the claims as a compact JWS; raise BadJOSE if they are no JSON.

    ``headers`` are added, and cannot replace what the purpose and the key decide.
    """
    rules = RULES[purpose]
    header: dict[str, Any] = {**(headers or {}), "alg": key.algorithm, "typ": rules.writes}
    if rules.key_in_header:
        header["jwk"] = key.public
    else:
        header["kid"] = key.kid
    signing_input = f"{_segment(header)}.{_segment(claims)}".encode("ascii")
    algorithm = ALGORITHMS[OTHER_NAMES.get(key.algorithm, key.algorithm)]
    signature = base64url.encode(algorithm.sign(signing_input, key.native))
    return f"{signing_input.decode('ascii')}.{signature}"


def _parse(token: str, purpose: Purpose) -> Unverified:
    rules = RULES[purpose]
    if len(token) > rules.longest:
        raise BadJOSE("too long")
    if token.count(".") != 2:
        raise BadJOSE("not a compact JWS")
    header_text, payload, signature = token.split(".")
    if len(header_text) > LONGEST_HEADER:
        raise BadJOSE("header too long")

    header = _header(header_text)
    if not CHANGES_THE_RULES.isdisjoint(header):
        raise BadJOSE("a header member that we refuse")
    if not all(isinstance(header.get(name, ""), str) for name in ("alg", "typ", "kid")):
        raise BadJOSE("alg, typ or kid is not a string")
    rules.require_type(header.get("typ"))
    algorithm = OTHER_NAMES.get(header["alg"], header["alg"])
    if algorithm not in ALGORITHMS:
        raise BadJOSE("alg is not one of ours")
    return Unverified(
        header=header,
        algorithm=algorithm,
        payload=payload,
        signing_input=f"{header_text}.{payload}".encode("ascii"),
        signature=base64url.decode(signature),
        purpose=purpose,
    )


def _header(text: str) -> Mapping[str, Any]:
    """What a header says: a client's next token has the same one."""
    return _known_header(text) if len(text) <= LONGEST_KNOWN_HEADER else _read_header(text)


def _read_header(text: str) -> Mapping[str, Any]:
    return MappingProxyType(strict_json.object_of(base64url.decode(text)))


_known_header = lru_cache(maxsize=1024)(_read_header)


def _is_allowed(algorithm: str, algorithms: Collection[str]) -> None:
    if algorithm not in {OTHER_NAMES.get(each, each) for each in algorithms}:
        raise BadJOSE("alg is not allowed here")


def _signed_by(key: PublicKey, parsed: Unverified) -> Verified:
    arithmetic = ALGORITHMS[parsed.algorithm]
    if not arithmetic.verify(parsed.signing_input, parsed.signature, key.native):
        raise BadJOSE("signature")
    return Verified(header=parsed.header, claims=_claims(parsed), key_thumbprint=key.thumbprint)


def _claims(parsed: Unverified) -> Mapping[str, Any]:
    if parsed.claims is not None:
        return parsed.claims
    return strict_json.object_of(base64url.decode(parsed.payload))


def _segment(members: Mapping[str, Any]) -> str:
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return base64url.encode(text.encode("utf-8"))
