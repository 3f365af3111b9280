"""What happened to a consent, when, and by whom: read from the audit trail, told to its person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from consents.models import Consent, ConsentState
from consents.states import state_of

TOLD = (
    Event.CONSENT_STAGED,
    Event.CONSENT_AUTHORIZED,
    Event.CONSENT_REJECTED,
    Event.CONSENT_REVOKED,
    Event.CONSENT_SUSPENDED,
    Event.CONSENT_RESUMED,
    Event.CONSENT_CONSUMED,
    Event.CONSENT_EXPIRED,
)
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: datetime
    sentence: SafeString


def history_of(consent: Consent, *, now: datetime) -> Collection[Entry]:
    """The entries, oldest first. An operator is named as the ecosystem, never by username."""
    events = AuditEvent.objects.filter(subject=str(consent.pk), event__in=TOLD).order_by("pk")
    entries = [
        Entry(at=event.at, sentence=_sentence(Event(event.event), _who(event.actor, consent)))
        for event in events[:LONGEST]
    ]
    unnoted = consent.state != ConsentState.EXPIRED
    if unnoted and state_of(consent, now=now) == ConsentState.EXPIRED:
        assert consent.expires_at is not None
        entries.append(Entry(at=consent.expires_at, sentence=_sentence(Event.CONSENT_EXPIRED, "")))
    return entries


def _who(actor: str, consent: Consent) -> str | None:
    """None for the person who reads this; else the name of the company or the ecosystem."""
    if consent.user is not None and actor == consent.user.username:
        return None
    if actor == consent.client.client_id:
        return consent.client.participant.trading_name
    return consent.ecosystem.name


def _sentence(event: Event, name: str | None) -> SafeString:
    """A name stands apart in its sentence: it may be written in the other direction."""
    words = _words(event, of_the_reader=name is None)
    return format_html(words.replace("%s", "{0}"), format_html("<bdi>{}</bdi>", name))


def _words(event: Event, *, of_the_reader: bool) -> str:
    if of_the_reader:
        return {
            Event.CONSENT_AUTHORIZED: _("You agreed"),
            Event.CONSENT_REJECTED: _("You did not agree"),
            Event.CONSENT_REVOKED: _("You stopped it"),
        }.get(event, _("You changed it"))
    return {
        Event.CONSENT_STAGED: _("%s asked for it"),
        Event.CONSENT_AUTHORIZED: _("%s put it in force"),
        Event.CONSENT_REJECTED: _("It was not agreed to"),
        Event.CONSENT_REVOKED: _("%s stopped it"),
        Event.CONSENT_SUSPENDED: _("%s put it on hold"),
        Event.CONSENT_RESUMED: _("%s took it back into use"),
        Event.CONSENT_CONSUMED: _("It was used up"),
        Event.CONSENT_EXPIRED: _("Its time was over"),
    }[event]
