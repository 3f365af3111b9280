"""What we tell a resource server about a token (RFC 7662), signed or not (RFC 9701)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authserver.protocol.requirements import requirement
from authserver.protocol.specs import numeric_date


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What is known of a token that its asker may use now.

    ``scope`` is a space-separated list; ``token_type`` is Bearer or DPoP; ``extra`` holds what
    a profile adds, the consent and what the person chose, and cannot replace the others.
    """

    issuer: str
    client_id: str
    subject: str
    audience: str | Sequence[str]
    token_type: str
    issued_at: datetime
    expires_at: datetime
    jti: str | None = None
    scope: str = ""
    authorization_details: Sequence[Mapping[str, Any]] = ()
    cnf: Mapping[str, str] = field(default_factory=dict)
    auth_time: datetime | None = None
    acr: str | None = None
    amr: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@requirement("RFC7662-2.2", "RAR-9.2", "MTLS-3.2", "DPOP-6.2")
def response(token: TokenFacts | None) -> dict[str, Any]:
    """Return what we answer about a token; about any that is not active, always the same."""
    if token is None:
        return {"active": False}
    optional = {
        "jti": token.jti,
        "scope": token.scope,
        "authorization_details": list(token.authorization_details),
        "cnf": dict(token.cnf),
        "auth_time": None if token.auth_time is None else numeric_date.written(token.auth_time),
        "acr": token.acr,
        "amr": list(token.amr),
    }
    return {
        **{name: value for name, value in token.extra.items() if name not in optional},
        "active": True,
        "iss": token.issuer,
        "client_id": token.client_id,
        "sub": token.subject,
        "aud": token.audience if isinstance(token.audience, str) else list(token.audience),
        "token_type": token.token_type,
        "iat": numeric_date.written(token.issued_at),
        "exp": numeric_date.written(token.expires_at),
        **{name: value for name, value in optional.items() if value},
    }


@requirement("RFC9701-5")
def jwt_claims(
    body: Mapping[str, Any], *, issuer: str, audience: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of the signed response for one resource server.

    The answer stands in a member of its own: with sub and exp at the top it could be taken
    for an access token.
    """
    return {
        "iss": issuer,
        "aud": audience,
        "iat": numeric_date.written(now),
        "token_introspection": dict(body),
    }
