"""The tail of every grant: lock, use up, mint, mark, record, answer.

A grant type judges what it is shown and says what that grants; what follows stands here, once.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Model

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import entry
from authserver.grants.sender_constraint import Binding
from authserver.protocol.errors import InvalidGrant, OAuthError
from authserver.protocol.requirements import requirement
from authserver.storage.together import Consumed, Held, store_together
from authserver.tokens import audience, mint
from authserver.tokens.granted import Granted
from authserver.tokens.models import RefreshToken
from authserver.tokens.validity import held_caller, held_person_and_consent, lock_caller
from consents import actions as consents


def issue(
    granted: Granted,
    *,
    binding: Binding,
    resource: Collection[str],
    now: datetime,
    consumed: Consumed | None = None,
    used: OAuthError | None = None,
    clause: str = "",
) -> dict[str, Any]:
    """Return the token response for what was granted, or raise: then nothing was issued.

    ``resource`` are those that this token was asked for. ``consumed`` is what was shown, where
    that is good once; ``used`` is raised where somebody else just used it. ``clause`` is that of
    the refusal where the person or the consent is not alive any more.
    """
    reached = audience.of(
        granted.client,
        scope=granted.scope.split(),
        authorization_details=granted.authorization_details,
        resource=resource,
        within=granted.resource,
    )
    row, access_token, expires_in = mint.access_token(
        granted, audience=reached, cnf=binding.cnf, certificate=binding.certificate, now=now
    )
    rows: list[Model] = [row, _entry(granted)]
    refresh_row, refresh_token = _refresh_token(granted, expires_in=expires_in, now=now)
    if refresh_row is not None:
        rows.append(refresh_row)
    answer = token_response(
        granted,
        access_token=access_token,
        expires_in=expires_in,
        token_type=binding.token_type,
        refresh_token=refresh_token,
        id_token=_id_token(granted, access_token=access_token, now=now),
    )
    if not store_together(rows, under=_stands_on(granted, now=now), consumed=consumed):
        raise _why_not(granted, used if consumed and consumed.was_before() else None, clause)
    if granted.consent is not None:
        consents.mark_used(granted.consent, now=now)
    return answer


def _stands_on(granted: Granted, *, now: datetime) -> list[Held]:
    """What has to be alive; a person without a consent, or the other way round, gives nothing."""
    client, user, consent = granted.client, granted.user, granted.consent
    if user is None and consent is None:
        return [held_caller(client)]
    return [
        held_caller(client),
        *held_person_and_consent(
            client=client.pk,
            user=user.pk if user else None,
            consent=consent.pk if consent else None,
            now=now,
        ),
    ]


@requirement("RFC6749-5.2")
def _why_not(granted: Granted, used: OAuthError | None, clause: str) -> OAuthError:
    """The refusal where nothing was stored: of the caller, of what was used, or of the consent."""
    try:
        lock_caller(granted.client)
    except OAuthError as error:
        return error
    return used or InvalidGrant("the consent is not alive", clause=clause)


def _entry(granted: Granted) -> AuditEvent:
    """A client that acts for itself is the actor; where a person granted, nobody is here."""
    facts = {"grant": granted.grant_type} if granted.is_first else {}
    return entry(
        Event.TOKEN_ISSUED if granted.is_first else Event.TOKEN_REFRESHED,
        ecosystem=granted.client.ecosystem.slug,
        actor=granted.client.client_id if granted.user is None else "",
        client_id=granted.client.client_id,
        subject=str(granted.consent.pk) if granted.consent else "",
        **facts,
    )


@requirement("CBUAE-2.1.14", "OIDCC-11")
def _refresh_token(
    granted: Granted, *, expires_in: int, now: datetime
) -> tuple[RefreshToken, str] | tuple[None, None]:
    """With a person's first token: one that ends with the consent, where that outlives it."""
    if granted.consent is None or not granted.is_first:
        return None, None
    ends = granted.consent.expires_at
    if "refresh_token" not in granted.client.grant_types:
        return None, None
    if ends is not None and int((ends - now).total_seconds()) <= expires_in:
        return None, None
    return RefreshToken.objects.make(granted, expires=ends)


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
