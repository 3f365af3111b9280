"""All that one consent gives: the page, the row, the receipt and the tokens are made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.protocol.specs.claims import NO_CLAIMS, Claims

if TYPE_CHECKING:
    from consents.models import Consent
    from consents.types.detail_type import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a client gets, for what purpose, from which accounts, for use where, until when.

    ``claims`` has those that a scope covers as well, so that the row says what was agreed to
    even where a scope comes to mean something else. ``resources`` are the resource servers that
    the request named; none means those that the scope and the details reach. ``purpose`` is the
    client's own sentence. ``until`` None means: until it is stopped.
    """

    scope: tuple[str, ...] = ()
    claims: Claims = NO_CLAIMS
    authorization_details: tuple[Detail, ...] = ()
    purpose: str = ""
    resources: tuple[str, ...] = ()
    accounts: tuple[Mapping[str, Any], ...] = ()
    until: datetime | None = None

    @classmethod
    def asked(cls, request: AuthorizationRequest, *, until: datetime | None) -> Self:
        """What the request asks for. Claims are told with OpenID Connect only."""
        named = Claims.asked_for(request.claims) if "openid" in request.scope else NO_CLAIMS
        return cls(
            scope=request.scope,
            claims=named | _of_scope(request.scope),
            authorization_details=request.authorization_details or (),
            purpose=request.purpose or "",
            resources=request.resource,
            until=until,
        )

    @classmethod
    def of(cls, consent: Consent) -> Self:
        """What the row says."""
        return cls(
            scope=tuple(consent.scope.split()),
            claims=claims_of(consent),
            authorization_details=tuple(consent.authorization_details),
            purpose=consent.purpose,
            resources=tuple(consent.resources),
            accounts=tuple(consent.choices.get("accounts", ())),
            until=consent.expires_at,
        )

    def columns(self) -> dict[str, Any]:
        """The columns of a Consent that say what was asked; what was chosen is written later."""
        return {
            "scope": " ".join(self.scope),
            "claims": self.claims.as_json(),
            "authorization_details": list(self.authorization_details),
            "purpose": self.purpose,
            "resources": list(self.resources),
            "expires_at": self.until,
        }

    def with_choices(self, choices: Mapping[str, Any]) -> Grant:
        """The same with what a person chose beside it."""
        return replace(self, accounts=tuple(choices.get("accounts", ())))

    @case("AZ-16", "AZ-34")
    def fingerprint(self) -> str:
        """SHA-256 (hex) of every field: the same for the same grant, whoever computes it when.

        Nothing is left out. ``until`` can be in it because the end of scopes alone is counted from
        the opening of the request, and so stands still while a person reads.
        """
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), default=_instant)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @requirement("OIDCC-3.1.2.4")
    def covers(self, asked: Grant) -> bool:
        """The same or less is asked for, in the same words: no page has to say anything new."""
        named = set(asked.resources) <= set(self.resources)
        return (
            set(asked.scope) <= set(self.scope)
            and asked.claims <= self.claims
            and asked.purpose == self.purpose
            and named
            and bool(asked.resources) == bool(self.resources)
            and not asked.authorization_details
            and not self.authorization_details
        )


def _instant(value: object) -> str:
    """How JSON writes a time: one text for one instant, whatever zone it was read in."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"a grant has no {type(value).__name__}")


def claims_of(consent: Consent) -> Claims:
    """The claims that a consent gives; its other columns are not looked at.

    A row from before claims were kept gives those that its scopes cover, since its page named the
    scopes, and none that a request named beside them, since its page did not.
    """
    if consent.claims is None:
        return _of_scope(tuple(consent.scope.split()))
    return Claims.from_json(consent.claims)


def _of_scope(scope: tuple[str, ...]) -> Claims:
    """What these scopes cover, where there is an OpenID Provider to tell it."""
    return Claims.of_scope(scope) if "openid" in scope else NO_CLAIMS
