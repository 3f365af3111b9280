"""Consents to scopes alone: given once, remembered, and to a person one and the same."""

from collections.abc import Collection
from datetime import datetime

from authserver.accounts.models import User
from authserver.requirements import requirement
from clients.models import Client
from consents.models import Consent, ConsentQuerySet


@requirement("OIDCC-3.1.2.4")
def remembered(
    *, client: Client, user: User, scope: Collection[str], now: datetime
) -> Consent | None:
    """A living consent of this person that covers these scopes, so that no page need be shown.

    Rich consents are never remembered: each is shown, each is approved.
    """
    found = living(client=client, user=user, now=now).order_by("-created_at")
    covering = (each for each in found if set(scope) <= set(each.scope.split()))
    return next(covering, None)


def others_like(consent: Consent, *, now: datetime) -> list[Consent]:
    """The other living consents to scopes; locked in one order, so that two revokers can pass."""
    if consent.user is None:
        return []
    found = living(client=consent.client, user=consent.user, now=now)
    locked = found.select_for_update(of=("self",)).order_by("pk")
    return [each for each in locked if each.pk != consent.pk]


def living(*, client: Client, user: User, now: datetime) -> ConsentQuerySet:
    """The client's living consents of this person that carry no details."""
    return Consent.objects.alive(now=now).filter(client=client, user=user, authorization_details=[])
