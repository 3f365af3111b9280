"""JSON Web Signatures for the demo's own programs: sign with PS256, verify what a server signs.

These programs stand for strangers who share no code with the server, so this is a second, small
implementation. It signs with RSA keys and verifies PS256, ES256 and EdDSA, nothing else.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


class BadSignature(Exception):
    """The token cannot be trusted; the text says why, without repeating any of it."""


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_jwk(key: rsa.RSAPrivateKey) -> dict[str, str]:
    """Return the public half as a JWK whose ``kid`` is its RFC 7638 thumbprint."""
    numbers = key.public_key().public_numbers()
    members = {"e": _integer(numbers.e), "kty": "RSA", "n": _integer(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    kid = b64(hashlib.sha256(canonical.encode()).digest())
    return {**members, "kid": kid, "alg": "PS256", "use": "sig"}


def private_jwk(key: rsa.RSAPrivateKey) -> dict[str, str]:
    """Return the whole key as a JWK, for clients that take no PEM."""
    numbers = key.private_numbers()
    secret = {
        "d": numbers.d,
        "p": numbers.p,
        "q": numbers.q,
        "dp": numbers.dmp1,
        "dq": numbers.dmq1,
        "qi": numbers.iqmp,
    }
    return {**public_jwk(key), **{member: _integer(value) for member, value in secret.items()}}


def sign(claims: Mapping[str, Any], *, key: rsa.RSAPrivateKey, typ: str = "", kid: str = "") -> str:
    """Return a compact JWS of the claims, signed with PS256."""
    header = {"alg": "PS256", "kid": kid or public_jwk(key)["kid"], **({"typ": typ} if typ else {})}
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header, dict(claims)))
    return f"{signed}.{b64(key.sign(signed.encode(), PSS, hashes.SHA256()))}"


def is_jwt(token: str) -> bool:
    return token.count(".") == 2


def unverified_claims(token: str) -> dict[str, Any]:
    """Return the claims as the sender wrote them: good for choosing a key, for nothing else."""
    return _decoded(token)[1]


def verify(
    token: str, *, keys: Sequence[Mapping[str, Any]], algorithms: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a compact JWS signed by one of the keys; raise BadSignature."""
    header, claims, signature = _decoded(token)
    algorithm = header.get("alg")
    if algorithm not in algorithms:
        raise BadSignature("the algorithm is not one of those expected")
    if "crit" in header:
        raise BadSignature("the header demands an extension that is not known here")
    key = next((key for key in keys if key.get("kid") == header.get("kid")), None)
    if key is None:
        raise BadSignature("no key of the issuer has this kid")
    signed = token.rpartition(".")[0].encode()
    try:
        _verify(str(algorithm), key, signed, signature)
    except (InvalidSignature, KeyError, ValueError, TypeError):
        raise BadSignature("the signature is not the issuer's") from None
    return header, claims


def _verify(algorithm: str, key: Mapping[str, Any], signed: bytes, signature: bytes) -> None:
    match algorithm, key["kty"]:
        case "PS256", "RSA":
            rsa_key = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
            rsa_key.verify(signature, signed, PSS, hashes.SHA256())
        case "ES256", "EC":
            if key["crv"] != "P-256" or len(signature) != 64:
                raise InvalidSignature
            point = ec.EllipticCurvePublicNumbers(
                _number(key["x"]), _number(key["y"]), ec.SECP256R1()
            )
            halves = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
            der = encode_dss_signature(*halves)
            point.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))
        case (("EdDSA" | "Ed25519"), "OKP"):
            ed_key = ed25519.Ed25519PublicKey.from_public_bytes(unb64(key["x"]))
            ed_key.verify(signature, signed)
        case _:
            raise InvalidSignature


def _decoded(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    try:
        header, claims, signature = token.split(".")
        read = json.loads(unb64(header)), json.loads(unb64(claims)), unb64(signature)
    except (ValueError, RecursionError):
        raise BadSignature("the token is not a compact JWS") from None
    if not isinstance(read[0], dict) or not isinstance(read[1], dict):
        raise BadSignature("header and claims must be JSON objects")
    return read


def _integer(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


def _number(text: str) -> int:
    return int.from_bytes(unb64(text))
