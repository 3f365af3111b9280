"""Noting that consents have ended. Nothing waits for it: whoever reads one looks at the clock."""

from datetime import datetime

from django.db import transaction

from authserver.storage.plans import plan_for_these_values
from consents.actions import expire
from consents.models import IN_USE, Consent

BATCH = 500  # our choice: locks are held for a moment, and a stop loses little work


def expire_due(*, now: datetime) -> int:
    """Move every consent whose time is over to Expired, in batches; return how many."""
    total = 0
    while moved := _expire_batch(now=now):
        total += moved
    return total


@transaction.atomic
def _expire_batch(*, now: datetime) -> int:
    """Rows that somebody else holds are left for the next run."""
    plan_for_these_values()
    due = Consent.objects.filter(~Consent.IN_TIME.q(now=now), state__in=IN_USE)
    locked = due.order_by("expires_at").select_for_update(skip_locked=True, of=("self",))
    return sum(expire(consent, now=now) for consent in locked[:BATCH])
