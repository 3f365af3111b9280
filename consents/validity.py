"""What a consent stands on, beside its own state: all that a token under it stands on, too.

``authserver/tokens/validity.py`` asks the same of tokens; a test holds the two together.
"""

from datetime import datetime
from enum import Enum

from authserver.accounts.enrolments import active_enrolment
from authserver.ecosystems.models import Ecosystem
from clients.models import Client
from consents.models import Consent


class Stopped(Enum):
    """What keeps an authorized consent from being used, until it is let in again."""

    CLIENT = "client"
    ECOSYSTEM = "ecosystem"
    PERSON = "person"


def stopped_by(consent: Consent, *, now: datetime) -> Stopped | None:
    """What an authorized consent is kept from being used by; None for every other one."""
    if not Consent.ALIVE.holds(consent, now=now):
        return None
    if not Ecosystem.ALIVE.holds(consent.ecosystem):
        return Stopped.ECOSYSTEM
    if not Client.ALIVE.holds(consent.client):
        return Stopped.CLIENT
    if consent.user is None or active_enrolment(consent.user, consent.ecosystem) is None:
        return Stopped.PERSON
    return None
