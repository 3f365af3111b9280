"""The person's yes: a consent is authorized, and what is given on it is stored, by one statement.

What it is judged by is read before; the statement finds it unchanged, or stores nothing.
"""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from authserver.accounts.models import User
from authserver.audit.changes import pair
from authserver.audit.events import Event
from authserver.audit.trail import entry
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case, requirement
from authserver.storage.together import Changed, Parts, store_together
from clients.models import Client
from clients.registered import held_as_judged
from consents import approval, names
from consents.events import about
from consents.grant import Grant
from consents.models import Consent, ConsentState

Beside = Callable[[Consent], Parts]  # what is given on a consent, stored by the same statement


class NothingStored(Exception):
    """Something of what was to be stored under locks has become another meanwhile."""


def nothing(consent: Consent) -> Parts:
    return Parts()


@case("AZ-18")
@requirement("CBUAE-2.4c")
def approve(
    consent: Consent,
    *,
    user: User,
    choices: Mapping[str, Any],
    now: datetime,
    beside: Beside = nothing,
) -> Consent:
    """Authorize a waiting consent with what the person chose, and store what is given on it.

    AccessDenied where it is too late. Where only what it is judged by has become another it is
    judged again, by that. NothingStored where what is stored beside it finds no place.
    """
    authorized = _authorized(consent, user, choices, now=now, beside=beside) or _authorized(
        approval.as_it_is(consent), user, choices, now=now, beside=beside
    )
    if authorized is None:
        raise NothingStored
    return authorized


def _authorized(
    consent: Consent, user: User, choices: Mapping[str, Any], *, now: datetime, beside: Beside
) -> Consent | None:
    """The consent as it is once it is approved; None where a lock found nothing."""
    approval.require_approvable(consent, user, choices, now=now)
    decided: dict[str, Any] = {
        "state": ConsentState.AUTHORIZED,
        "state_changed_at": now,
        "user": user,
        "choices": dict(choices),
        "choices_made_at": now,
        "authorized_at": now,
    }
    authorized = copy(consent)
    for name, value in decided.items():
        setattr(authorized, name, value)
    names_of_it = names.rows_of(consent)
    parts = beside(authorized) + Parts(
        rows=(
            entry(
                Event.CONSENT_AUTHORIZED,
                **about(authorized, by=user.username),
                changed={"state": pair("state", consent.state, ConsentState.AUTHORIZED.value)},
            ),
            *names_of_it,
        ),
        under=(
            held_as_judged(consent.client),
            approval.held_while_waiting(consent, now=now),
        ),
        changed=(Changed(consent, decided | {"user": user.pk}),),
    )
    with names.claiming(names_of_it):
        is_stored = store_together(parts.rows, under=parts.under, changed=parts.changed)
    return authorized if is_stored else None


def approve_scopes(
    *,
    client: Client,
    user: User,
    ecosystem: Ecosystem,
    asked: Grant,
    request_object: str = "",
    request_object_key: str = "",
    now: datetime,
    beside: Beside = nothing,
) -> Consent:
    """Create an authorized consent to scopes, and the claims beside them, without details.

    NothingStored where what is stored beside it finds no place.
    """
    consent = Consent(
        ecosystem=ecosystem,
        client=client,
        user=user,
        state=ConsentState.AUTHORIZED,
        request_object=request_object,
        request_object_key=request_object_key,
        choices_made_at=now,
        authorized_at=now,
        **asked.columns(),
    )
    changed = {"state": pair("state", None, consent.state)}
    event = entry(Event.CONSENT_AUTHORIZED, **about(consent, by=user.username), changed=changed)
    parts = Parts(rows=(consent, event)) + beside(consent)
    if not store_together(parts.rows, under=parts.under, changed=parts.changed):
        raise NothingStored
    return consent
