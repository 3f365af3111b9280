"""Noting that a consent was used: for the person to see, and in nobody's way."""

from datetime import datetime, timedelta

from django.db import transaction

from authserver.storage.prepared import update
from consents.models import Consent

USE_IS_NOTED_EVERY = timedelta(minutes=1)  # our choice: a person reads days, not seconds


def mark_used(consent: Consent, *, now: datetime) -> None:
    """Note the time of use, for the person to see, once the caller's transaction is through.

    Inside it, two requests that both hold the row for sharing would wait for each other.
    """
    if consent.last_used_at is None or now - consent.last_used_at >= USE_IS_NOTED_EVERY:
        transaction.on_commit(lambda: update(Consent, consent.pk, last_used_at=now), robust=True)
