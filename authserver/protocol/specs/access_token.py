"""Access tokens as JWTs (RFC 9068)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InvalidToken
from authserver.protocol.jose import Purpose
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import numeric_date
from authserver.protocol.specs.numeric_date import BadTime, Times

TEXTS = ("iss", "sub", "client_id", "jti")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAccessToken:
    """``scope`` in the order of the token; ``cnf`` says to whose key the token is bound."""

    subject: str
    client_id: str
    jti: str
    scope: tuple[str, ...]
    authorization_details: tuple[Mapping[str, Any], ...]
    cnf: Mapping[str, str]
    expires_at: datetime
    claims: Mapping[str, Any]


@requirement("RFC9068-2.2", "RAR-9.1")
def claims(
    *,
    issuer: str,
    subject: str,
    audience: str | Sequence[str],
    client_id: str,
    scope: str,
    authorization_details: Sequence[Mapping[str, Any]] | None,
    cnf: Mapping[str, str] | None,
    jti: str,
    issued_at: datetime,
    expires_at: datetime,
    auth_time: datetime | None = None,
    acr: str | None = None,
    amr: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the claims of an access token; what is empty or None is left out.

    ``scope`` is a space-separated list.
    """
    optional = {
        "scope": scope,
        "authorization_details": list(authorization_details or ()),
        "cnf": dict(cnf or {}),
        "auth_time": None if auth_time is None else numeric_date.written(auth_time),
        "acr": acr,
        "amr": list(amr or ()),
    }
    return {
        "iss": issuer,
        "sub": subject,
        "aud": audience if isinstance(audience, str) else list(audience),
        "client_id": client_id,
        "jti": jti,
        "iat": numeric_date.written(issued_at),
        "exp": numeric_date.written(expires_at),
        **{name: value for name, value in optional.items() if value},
    }


@requirement("RFC9068-4", "FAPI2-SP-FINAL-5.3.4-2")
def verify(
    token: str,
    *,
    issuer: str,
    audience: str,
    keys: jose.PublicKeys,
    algorithms: Collection[str],
    now: datetime,
    clock_skew: timedelta,
) -> VerifiedAccessToken:
    """Return what the issuer says in the token, or raise InvalidToken.

    ``audience`` is the resource server that asks; ``now`` is aware. The skew forgives an issuer
    whose clock is ahead, never a token that has expired. Whether the sender may use the token,
    its cnf, is the caller's to check.
    """
    try:
        signed = jose.verify(token, purpose=Purpose.ACCESS_TOKEN, keys=keys, algorithms=algorithms)
        times = Times.of(signed.claims)
    except (jose.BadJOSE, BadTime) as fault:
        raise InvalidToken("the access token is not valid", seen=str(fault)) from None

    token_claims = signed.claims
    if not all(isinstance(token_claims.get(name), str) and token_claims[name] for name in TEXTS):
        raise InvalidToken("the access token lacks a claim", expected=", ".join(TEXTS))
    if token_claims["iss"] != issuer:
        raise InvalidToken("the access token is from another issuer")
    named = token_claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise InvalidToken("the access token is for another resource server")
    return VerifiedAccessToken(
        subject=token_claims["sub"],
        client_id=token_claims["client_id"],
        jti=token_claims["jti"],
        expires_at=expiry_is_ahead(times, now=now, clock_skew=clock_skew),
        claims=token_claims,
        **_rights(token_claims),
    )


@requirement("RFC9068-4", "RFC7519-4.1.4", "RFC7519-4.1.5")
def expiry_is_ahead(times: Times, *, now: datetime, clock_skew: timedelta) -> datetime:
    """Return when the token expires."""
    if times.exp is None or times.iat is None:
        raise InvalidToken("the access token lacks a claim", expected="exp, iat")
    if times.exp <= now.timestamp():
        raise InvalidToken("the access token has expired")
    latest = (now + clock_skew).timestamp()
    if times.iat > latest or (times.nbf is not None and times.nbf > latest):
        raise InvalidToken("the access token is not valid yet")
    return datetime.fromtimestamp(times.exp, UTC)


def _rights(token_claims: Mapping[str, Any]) -> dict[str, Any]:
    scope, details = token_claims.get("scope", ""), token_claims.get("authorization_details", [])
    cnf = token_claims.get("cnf", {})
    if not (isinstance(scope, str) and isinstance(details, list) and isinstance(cnf, dict)):
        raise InvalidToken("the access token has a claim of another type")
    return {"scope": tuple(scope.split()), "authorization_details": tuple(details), "cnf": cnf}
