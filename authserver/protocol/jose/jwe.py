"""Signed tokens inside encrypted ones (RFC 7516; RFC 7519, 5.2)."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.jwe import JWERegistry

from authserver.protocol import strict_json
from authserver.protocol.jose import base64url
from authserver.protocol.jose.faults import BadJOSE, only_bad_jose
from authserver.protocol.jose.jws import CHANGES_THE_RULES, LONGEST_HEADER
from authserver.protocol.jose.key_sets import is_secret, report_on, require_a_set
from authserver.protocol.jose.private_key import ENCRYPTION, PrivateKey
from authserver.protocol.jose.public_key import import_encryption_key, public_members

USUAL = {"RSA": "RSA-OAEP-256", "EC": "ECDH-ES"}
CONTENT_ENCRYPTION = ("A256GCM", "A128GCM")
LONGEST = 131_072  # characters: a request object of the largest size, encoded a second time


class StrictRegistry(JWERegistry):
    """Names what we take: the library's own list has none of RSA-OAEP-256 and too much else."""

    max_protected_header_length = LONGEST_HEADER
    max_ciphertext_length = LONGEST

    def __init__(self) -> None:
        # No DEF among them: a compressed token can be a bomb.
        super().__init__(algorithms=(*ENCRYPTION, *CONTENT_ENCRYPTION), strict_check_header=False)


REGISTRY = StrictRegistry()


def is_jwe_shape(token: str) -> bool:
    """True if the token has the five parts of an encrypted one."""
    return token.count(".") == 4


@only_bad_jose
def encrypt_nested(
    signed_jwt: str,
    *,
    jwk: Mapping[str, Any],
    alg: str | None = None,
    enc: str = "A256GCM",
) -> str:
    """Return the signed token encrypted to somebody's key; raise BadJOSE if the key does not fit.

    ``alg`` is RSA-OAEP, RSA-OAEP-256 or ECDH-ES, by default what the key is for; ``enc`` is
    A256GCM or A128GCM.
    """
    alg = alg or jwk.get("alg") or USUAL[jwk["kty"]]
    recipient = import_encryption_key(jwk, algorithm=alg)
    if recipient.key_type != ENCRYPTION[alg]:
        raise BadJOSE("a key for something else")
    header = {"alg": alg, "enc": enc, "cty": "JWT"}
    if "kid" in jwk:
        header["kid"] = jwk["kid"]
    return jwe.encrypt_compact(header, signed_jwt.encode("ascii"), recipient, registry=REGISTRY)


@only_bad_jose
def decrypt_nested(token: str, *, key: PrivateKey) -> str:
    """Return the signed token inside, still to be verified; or raise BadJOSE.

    A header that names another kid is refused before any arithmetic, so trying several keys of
    ours costs nothing.
    """
    if len(token) > LONGEST or not is_jwe_shape(token):
        raise BadJOSE("not a compact JWE")
    parts = token.split(".")
    for part in parts:
        base64url.decode(part)
    _require_header(strict_json.object_of(base64url.decode(parts[0])), key)
    opened = jwe.decrypt_compact(token.encode("ascii"), key.native, registry=REGISTRY)
    signed = (opened.plaintext or b"").decode("ascii")
    if signed.count(".") != 2:
        raise BadJOSE("no signed token inside")
    return signed


def _require_header(header: Mapping[str, Any], key: PrivateKey) -> None:
    if not CHANGES_THE_RULES.isdisjoint(header):
        raise BadJOSE("a header member that we refuse")
    if key.use != "enc" or ENCRYPTION.get(header["alg"]) != ENCRYPTION[key.algorithm]:
        raise BadJOSE("alg does not fit the key")
    if header["enc"] not in CONTENT_ENCRYPTION:
        raise BadJOSE("enc is not one of ours")
    if header.get("kid", key.kid) != key.kid:
        raise BadJOSE("encrypted to another key")
    if header["alg"] == "ECDH-ES" and public_members(header["epk"])["kty"] != "EC":
        raise BadJOSE("ephemeral key")


@only_bad_jose
def encryption_key_in(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the first key to which we can encrypt, and why others were left out; or BadJOSE.

    The document is a JWK, or a JWK Set whose members are judged one by one.
    """
    if "keys" not in document:
        _require_encryption(document)
        return document, ()
    members = require_a_set(document)
    if any(map(is_secret, members)):
        raise BadJOSE("private or symmetric")
    fitting, left_out = [], []
    for place, jwk in enumerate(members, start=1):
        try:
            _require_encryption(jwk)
        except BadJOSE as fault:
            left_out.append(report_on(place, jwk, fault))
        else:
            fitting.append((place, jwk))
    if not fitting:
        raise BadJOSE("no key to encrypt to")
    spare = [report_on(place, jwk, BadJOSE("the first is used")) for place, jwk in fitting[1:]]
    return fitting[0][1], (*left_out, *spare)


@only_bad_jose
def _require_encryption(jwk: Mapping[str, Any]) -> None:
    kty = public_members(jwk)["kty"]
    alg = jwk.get("alg", USUAL.get(kty))
    if ENCRYPTION.get(alg) != kty:
        raise BadJOSE("a key for something else")
    import_encryption_key(jwk, algorithm=alg)
