"""Every consent of a person in an ecosystem, ended at once."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import requirement
from consents import actions
from consents.models import CURRENT_STATES, Consent
from consents.states import IllegalTransition


@requirement("CBUAE-2.4c")
@transaction.atomic
def stop_all(user: User, *, ecosystem: Ecosystem, by: str, now: datetime) -> None:
    """For a person who turns out to be another customer of the bank, or none."""
    for consent in Consent.objects.filter(user=user, ecosystem=ecosystem, state__in=CURRENT_STATES):
        with suppress(IllegalTransition):  # it has ended meanwhile
            actions.revoke(consent, by=by, now=now)
