"""ID tokens, and ID tokens that come back as a hint (OpenID Connect Core, 2 and 3.1)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InvalidRequest
from authserver.protocol.jose import Purpose, base64url
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import numeric_date

HASHES = {  # the hash inside the signature; for Ed25519 that is SHA-512 (RFC 8032, 5.1)
    "PS256": hashlib.sha256,
    "ES256": hashlib.sha256,
    "Ed25519": hashlib.sha512,
    "EdDSA": hashlib.sha512,
}


@requirement("OIDCC-2", "OIDCC-3.1.3.6")
def claims(
    *,
    issuer: str,
    subject: str,
    client_id: str,
    issued_at: datetime,
    expires_at: datetime,
    algorithm: str,
    nonce: str | None = None,
    access_token: str | None = None,
    state: str | None = None,
    auth_time: datetime | None = None,
    acr: str | None = None,
    amr: Sequence[str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the claims of an ID token that will be signed with this algorithm.

    ``nonce`` is the one of the request, exactly, or absent as there. ``access_token`` and
    ``state`` become at_hash and s_hash. ``extra`` claims cannot replace any of these.
    """
    optional = {
        "nonce": nonce,
        "at_hash": None if access_token is None else left_half(access_token, algorithm=algorithm),
        "s_hash": None if state is None else left_half(state, algorithm=algorithm),
        "auth_time": None if auth_time is None else numeric_date.written(auth_time),
        "acr": acr or None,
        "amr": list(amr) if amr else None,
    }
    return {
        **{name: value for name, value in (extra or {}).items() if name not in optional},
        "iss": issuer,
        "sub": subject,
        "aud": client_id,
        "iat": numeric_date.written(issued_at),
        "exp": numeric_date.written(expires_at),
        **{name: value for name, value in optional.items() if value is not None},
    }


@requirement("OIDCC-3.1.3.6")
def left_half(text: str, *, algorithm: str) -> str:
    """The left half of the text's hash, as at_hash, c_hash and s_hash carry it.

    Raises KeyError for an algorithm that we do not sign with.
    """
    digest = HASHES[algorithm](text.encode("ascii")).digest()
    return base64url.encode(digest[: len(digest) // 2])


@requirement("OIDCC-3.1.2.1")
def hint_subject(
    token: str,
    *,
    issuer: str,
    client_id: str,
    keys: jose.PublicKeys,
    algorithms: Collection[str],
) -> str:
    """Return whom an id_token_hint names, or raise InvalidRequest.

    ``keys`` are ours. An expired hint still names somebody, so its times are not judged; one
    that was made for another client names nobody to this one.
    """
    try:
        hint = jose.verify(token, purpose=Purpose.ID_TOKEN, keys=keys, algorithms=algorithms).claims
    except jose.BadJOSE as fault:
        raise InvalidRequest("id_token_hint is not one of ours", seen=str(fault)) from None

    audience = hint.get("aud")
    if hint.get("iss") != issuer:
        raise InvalidRequest("id_token_hint is not one of ours", seen="another iss")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise InvalidRequest("id_token_hint was made for another client")
    subject = hint.get("sub")
    if not isinstance(subject, str) or not subject:
        raise InvalidRequest("id_token_hint is not one of ours", seen="no sub")
    return subject
