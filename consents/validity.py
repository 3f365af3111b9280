"""What a consent stands on, beside its own state: all that a token under it stands on, too.

``authserver/tokens/liveness.py`` asks the same of tokens; a test holds the two together.
"""

from datetime import datetime
from enum import Enum

from authserver.accounts.enrolments import active_enrolment
from consents.models import Consent, ConsentState
from consents.states import state_of


class Stopped(Enum):
    """What keeps an authorized consent from being used, until it is let in again."""

    CLIENT = "client"
    ECOSYSTEM = "ecosystem"
    PERSON = "person"


def stopped_by(consent: Consent, *, now: datetime) -> Stopped | None:
    """What an authorized consent is kept from being used by; None for every other one."""
    if state_of(consent, now=now) != ConsentState.AUTHORIZED:
        return None
    if not consent.ecosystem.is_active:
        return Stopped.ECOSYSTEM
    if not consent.client.is_allowed_in:
        return Stopped.CLIENT
    if consent.user is None or not consent.user.is_active:
        return Stopped.PERSON
    if active_enrolment(consent.user, consent.ecosystem) is None:
        return Stopped.PERSON
    return None
