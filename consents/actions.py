"""Everything that changes a consent: each verb is one conditional statement and one audit row.

The body of a consent is written when it is staged and never again; what the person chose is
written with their approval (``consents/approving.py``); after that only the state moves, as
``consents/states.py`` allows.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.accounts.models import User
from authserver.audit.changes import pair
from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import entry, record
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case, requirement
from clients.models import Client
from consents import names, scopes
from consents.approving import Beside as Beside
from consents.approving import NothingStored as NothingStored
from consents.approving import approve as approve
from consents.approving import approve_scopes as approve_scopes
from consents.details import a_person_can_approve as a_person_can_approve
from consents.details import asked as asked
from consents.details import first_name, pays
from consents.details import granted_details as granted_details
from consents.details import no_person_is_needed as no_person_is_needed
from consents.details import require_valid_details as require_valid_details
from consents.events import about
from consents.grant import Grant
from consents.last_use import mark_used as mark_used
from consents.models import Consent, ConsentState
from consents.scopes import remembered as remembered
from consents.states import ENTERED_FROM, SYSTEM, IllegalTransition, party, refusing_party


@requirement("CBUAE-2.1.5", "CBUAE-2.4c", "CBUAE-4.2c")
def staged(
    asked: Grant,
    *,
    client: Client,
    ecosystem: Ecosystem,
    request_object: str,
    request_object_key: str,
) -> tuple[Consent, AuditEvent] | None:
    """What a rich request asks for, waiting for a person, and its event, both to be stored.

    None where it asks for scopes only. ``request_object`` is what the client signed,
    ``request_object_key`` the thumbprint of the key that signed it: evidence; both empty for a
    plain request.
    """
    details = asked.authorization_details
    if not details:
        return None
    consent = Consent(
        ecosystem=ecosystem,
        client=client,
        external_id=first_name(details, "external_id"),
        base_id=first_name(details, "base_id"),
        request_object=request_object,
        request_object_key=request_object_key,
        **asked.columns(),
    )
    return consent, entry(Event.CONSENT_STAGED, **about(consent, by=client.client_id))


@case("AZ-20")
@requirement("CBUAE-2.4c")
@transaction.atomic
def reject(consent: Consent, *, by: str, now: datetime, user: User | None = None) -> bool:
    """Reject a waiting consent; False where it is no longer waiting, and nothing changed.

    ``by`` is as ``states.refusing_party`` reads it, ``user`` whose request it was, if anybody's.
    """
    try:
        _move(
            consent,
            to=ConsentState.REJECTED,
            by=by,
            event=Event.CONSENT_REJECTED,
            now=now,
            ended_by=refusing_party(by, consent, user),
            user=user or consent.user,
        )
    except IllegalTransition:
        return False
    names.keep(consent)
    return True


@requirement("CBUAE-2.4c")
@transaction.atomic
def revoke(consent: Consent, *, by: str, now: datetime) -> Consent:
    """End a consent at once, and every token under it with it; IllegalTransition if it has ended.

    ``by`` is a username, or a client id. To a person all consents to scopes of a client are one.
    """
    others = [] if consent.is_rich else scopes.others_like(consent, now=now)
    revoked = _revoke_one(consent, by=by, now=now)
    for other in others:
        _revoke_one(other, by=by, now=now)
    return revoked


def _revoke_one(consent: Consent, *, by: str, now: datetime) -> Consent:
    names.keep(consent)
    return _move(
        consent,
        to=ConsentState.REVOKED,
        by=by,
        event=Event.CONSENT_REVOKED,
        now=now,
        ended_by=party(by, consent),
    )


@requirement("CBUAE-2.4c")
@transaction.atomic
def suspend(consent: Consent, *, by: str, now: datetime) -> Consent:
    """Take a consent out of use for a while; IllegalTransition where it is not authorized."""
    return _move(consent, to=ConsentState.SUSPENDED, by=by, event=Event.CONSENT_SUSPENDED, now=now)


@requirement("CBUAE-2.4c")
@transaction.atomic
def resume(consent: Consent, *, by: str, now: datetime) -> Consent:
    """Bring a suspended consent back into use; IllegalTransition where it is not suspended."""
    return _move(
        consent,
        to=ConsentState.AUTHORIZED,
        only_from=ConsentState.SUSPENDED,
        by=by,
        event=Event.CONSENT_RESUMED,
        now=now,
    )


@requirement("CBUAE-2.4c")
@transaction.atomic
def consume(consent: Consent, *, by: str, now: datetime) -> Consent:
    """Mark that all it allowed was done: payments alone can be used up."""
    if not pays(consent.authorization_details):
        raise IllegalTransition("only a payment can be used up")
    return _move(consent, to=ConsentState.CONSUMED, by=by, event=Event.CONSENT_CONSUMED, now=now)


@transaction.atomic
def expire(consent: Consent, *, now: datetime) -> bool:
    """Note that its time is over; False where it is not, or something else ended it first."""
    if Consent.IN_TIME.holds(consent, now=now):
        return False
    try:
        _move(consent, to=ConsentState.EXPIRED, by=SYSTEM, event=Event.CONSENT_EXPIRED, now=now)
    except IllegalTransition:
        return False
    return True


@transaction.atomic
def discard(keys: Collection[Any]) -> None:
    """Delete those of these that nobody decided, and that no request is left to decide by."""
    undecided = Consent.objects.filter(pk__in=keys, state=ConsentState.AWAITING)
    for consent in undecided.select_related("client", "ecosystem"):
        _record(Event.CONSENT_DISCARDED, consent, by=SYSTEM)
    undecided.delete()


def _move(
    consent: Consent,
    *,
    to: ConsentState,
    by: str,
    event: Event,
    now: datetime,
    only_from: ConsentState | None = None,
    **columns: Any,
) -> Consent:
    """Change the state where it may be changed; the database decides between two at once."""
    sources = {only_from} if only_from else ENTERED_FROM[to]
    row = Consent.objects.filter(pk=consent.pk)
    before = only_from or row.select_for_update().values_list("state", flat=True).first()
    if not row.filter(state__in=sources).update(state=to, state_changed_at=now, **columns):
        raise IllegalTransition(f"the consent cannot become {to}")
    moved = row.select_related("client__participant__ecosystem", "ecosystem").get()
    _record(event, moved, by=by, changed={"state": pair("state", before, to.value)})
    return moved


def _record(event: Event, consent: Consent, *, by: str, **facts: Any) -> None:
    record(event, **about(consent, by=by), **facts)
