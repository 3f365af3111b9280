"""A trusted issuer, and what one of its tokens opens for whoever presents it."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InsufficientScope, InvalidToken
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import access_token
from authserver.protocol.specs.numeric_date import BadTime, Times
from authserver.resource.keys import KeyCache
from authserver.resource.possession import Consume, Presented, token_in, verify_binding

Introspect = Callable[[str], Mapping[str, Any]]
ALGORITHMS = ("PS256", "ES256", "Ed25519")  # FAPI2-SP-FINAL-5.4.1-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a verified token, presented with its key, allows. ``claims`` is all that was said."""

    issuer: str
    subject: str
    client_id: str
    scope: frozenset[str] = frozenset()
    authorization_details: tuple[Mapping[str, Any], ...] = ()
    expires_at: datetime
    claims: Mapping[str, Any] = field(default_factory=dict)

    @requirement("RFC6750-3.1", "FFI-9")
    def require_scope(self, *scopes: str) -> None:
        """Return if the token has all of them, else raise InsufficientScope."""
        if not set(scopes) <= self.scope:
            raise InsufficientScope("the token lacks a scope", expected=" ".join(scopes))

    @requirement("RAR-9.1")
    def details(self, detail_type: str) -> tuple[Mapping[str, Any], ...]:
        """The authorization_details of this type, or InsufficientScope if there are none."""
        details = tuple(each for each in self.authorization_details if each["type"] == detail_type)
        if not details:
            raise InsufficientScope("the token lacks authorization_details of this type")
        return details


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """``audience`` is our own identifier. Give ``keys`` to verify JWTs, ``introspect`` to ask.

    With both, a JWT is verified first and asked about then, so that a stopped consent is noticed
    at once. ``decryption_keys`` are our own, for an issuer that encrypts tokens to us; without
    them such a token can only be asked about. ``consume`` stores a DPoP proof's jti and says
    whether it was new.
    """

    url: str
    audience: str
    consume: Consume
    keys: KeyCache | None = None
    introspect: Introspect | None = None
    decryption_keys: Collection[jose.PrivateKey] = ()
    algorithms: Collection[str] = ALGORITHMS
    clock_skew: timedelta = timedelta(seconds=10)
    binding_required: bool = True

    @requirement("FAPI2-SP-FINAL-5.3.4-2", "FAPI2-SP-FINAL-5.3.4-1", "FFI-21")
    def access(self, presented: Presented, *, now: datetime) -> Access:
        """Return what the presented token allows, or raise InvalidToken.

        InvalidRequest where it cannot be told which token was meant.
        """
        _, token = token_in(presented)
        claims: Mapping[str, Any] = {}
        signed = self._opened(token) if jose.is_jwe_shape(token) else token
        if self.keys is not None and signed.count(".") == 2:
            claims = self._verified(signed, self.keys, now=now)
        elif self.introspect is None:
            raise InvalidToken("the access token is not valid", seen="not a JWT")
        if self.introspect is not None:
            claims = {**claims, **self._asked(token, now=now)}
        verify_binding(
            claims.get("cnf") or {},
            presented,
            algorithms=self.algorithms,
            clock_skew=self.clock_skew,
            consume=self.consume,
            binding_required=self.binding_required,
            now=now,
        )
        return Access(
            issuer=self.url,
            subject=claims["sub"],
            client_id=claims["client_id"],
            scope=frozenset(str(claims.get("scope", "")).split()),
            authorization_details=tuple(claims.get("authorization_details", ())),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            claims=claims,
        )

    @requirement("RFC9068-4", "RFC7519-7.2")
    def _opened(self, token: str) -> str:
        """The signed token inside one that is encrypted to us; without keys, the token as it is."""
        for key in self.decryption_keys:
            with suppress(jose.BadJOSE):
                return jose.decrypt_nested(token, key=key)
        if self.decryption_keys:
            raise InvalidToken("the access token is not valid", seen="encrypted to another key")
        return token

    def _verified(self, signed: str, keys: KeyCache, *, now: datetime) -> Mapping[str, Any]:
        return access_token.verify(
            signed,
            issuer=self.url,
            audience=self.audience,
            keys=keys.for_token(signed, now=now),
            algorithms=self.algorithms,
            now=now,
            clock_skew=self.clock_skew,
        ).claims

    @requirement("RFC7662-2.2", "FFI-13")
    def _asked(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        assert self.introspect is not None
        response = self.introspect(token)
        if response.get("active") is not True:
            raise InvalidToken("the access token is not active")
        audience = response.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidToken("the access token is for another resource server")
        if response.get("iss") != self.url or not all(
            isinstance(response.get(name), str) for name in ("sub", "client_id")
        ):
            raise InvalidToken("the access token is from another issuer")
        try:
            expires_at = Times.of(response).exp
        except BadTime as fault:
            raise InvalidToken("the access token is from another issuer", seen=str(fault)) from None
        if expires_at is None or expires_at <= now.timestamp():
            raise InvalidToken("the access token has expired")
        return response
