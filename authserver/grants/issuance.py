"""The tail of every grant: lock, use up, mint, mark, record, answer.

A grant type judges what it is shown and says what that grants; what follows stands here, once.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.grants.sender_constraint import Binding
from authserver.protocol.errors import InvalidGrant
from authserver.protocol.requirements import requirement
from authserver.tokens import audience, mint
from authserver.tokens.audience import Audience
from authserver.tokens.granted import Granted
from authserver.tokens.models import RefreshToken
from authserver.tokens.validity import lock_caller, lock_person_and_consent
from consents import actions as consents


def issue(
    granted: Granted,
    *,
    binding: Binding,
    resource: Collection[str],
    now: datetime,
    consume: Callable[[], None] | None = None,
    clause: str = "",
) -> dict[str, Any]:
    """Return the token response for what was granted, or raise: then nothing was issued.

    ``resource`` are those that this token was asked for. ``consume`` uses up what was shown, where
    that is good once: it raises where somebody else just did. ``clause`` is that of the refusal
    where the person or the consent is not alive any more.
    """
    reached = audience.of(
        granted.client,
        scope=granted.scope.split(),
        authorization_details=granted.authorization_details,
        resource=resource,
        within=granted.resource,
    )
    return _issue(granted, reached, binding, consume=consume, clause=clause, now=now)


@transaction.atomic
def _issue(
    granted: Granted,
    reached: Audience,
    binding: Binding,
    *,
    consume: Callable[[], None] | None,
    clause: str,
    now: datetime,
) -> dict[str, Any]:
    lock_caller(granted.client)
    if consume is not None:
        consume()
    if not _person_is_locked(granted, now=now):
        raise InvalidGrant("the consent is not alive", clause=clause)
    access_token, expires_in = mint.access_token(
        granted, audience=reached, cnf=binding.cnf, certificate=binding.certificate, now=now
    )
    if granted.consent is not None:
        consents.mark_used(granted.consent, now=now)
    _record(granted)
    return token_response(
        granted,
        access_token=access_token,
        expires_in=expires_in,
        token_type=binding.token_type,
        refresh_token=_refresh_token(granted, expires_in=expires_in, now=now),
        id_token=_id_token(granted, access_token=access_token, now=now),
    )


def _person_is_locked(granted: Granted, *, now: datetime) -> bool:
    """True where nobody has to be; a person without a consent gives nothing."""
    user, consent = granted.user, granted.consent
    if user is None and consent is None:
        return True
    return (
        user is not None
        and consent is not None
        and lock_person_and_consent(
            client=granted.client.pk, user=user.pk, consent=consent.pk, now=now
        )
    )


def _record(granted: Granted) -> None:
    """A client that acts for itself is the actor; where a person granted, nobody is here."""
    facts = {"grant": granted.grant_type} if granted.is_first else {}
    record(
        Event.TOKEN_ISSUED if granted.is_first else Event.TOKEN_REFRESHED,
        ecosystem=granted.client.ecosystem.slug,
        actor=granted.client.client_id if granted.user is None else "",
        client_id=granted.client.client_id,
        subject=str(granted.consent.pk) if granted.consent else "",
        **facts,
    )


@requirement("CBUAE-2.1.14", "OIDCC-11")
def _refresh_token(granted: Granted, *, expires_in: int, now: datetime) -> str | None:
    """With a person's first token: one that ends with the consent, where that outlives it."""
    if granted.consent is None or not granted.is_first:
        return None
    ends = granted.consent.expires_at
    if "refresh_token" not in granted.client.grant_types:
        return None
    if ends is not None and int((ends - now).total_seconds()) <= expires_in:
        return None
    return RefreshToken.objects.issue(granted, expires=ends)


@requirement("OIDCC-3.1.3.3")
def _id_token(granted: Granted, *, access_token: str, now: datetime) -> str | None:
    """With a person's first token, where the scope has openid."""
    if granted.user is None or not granted.is_first or "openid" not in granted.scope.split():
        return None
    return mint.id_token(granted, access_token=access_token, now=now)


@requirement("RFC6749-5.1", "RAR-7")
def token_response(
    granted: Granted,
    *,
    access_token: str,
    expires_in: int,
    token_type: str,
    refresh_token: str | None,
    id_token: str | None,
) -> dict[str, Any]:
    """Scope and authorization_details are those granted, which may be less than was asked."""
    answer = {
        "access_token": access_token,
        "token_type": token_type,
        "expires_in": expires_in,
        "scope": granted.scope or None,
        "authorization_details": granted.authorization_details or None,
        "refresh_token": refresh_token,
        "id_token": id_token,
    }
    return {name: value for name, value in answer.items() if value is not None}
