"""Consents to scopes alone: given once, remembered, and to a person one and the same."""

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, DateTimeField

from authserver.accounts.models import User
from authserver.protocol.requirements import requirement
from authserver.storage.prepared import Parameter, Prepared
from clients.models import Client
from consents.grant import Grant
from consents.models import Consent, ConsentQuerySet


@requirement("OIDCC-3.1.2.4")
def remembered(*, client: Client, user: User, asked: Grant, now: datetime) -> Consent | None:
    """A living consent of this person that covers what is asked, so that no page need be shown.

    Rich consents are never remembered: each is shown, each is approved.
    """
    living_consents = _living.all(client=client.pk, user=user.pk, now=now)
    covering = (each for each in living_consents if each.grant.covers(asked))
    return next(covering, None)


def others_like(consent: Consent, *, now: datetime) -> list[Consent]:
    """The other living consents to scopes; locked in one order, so that two revokers can pass."""
    if consent.user is None:
        return []
    living_consents = living(client=consent.client.pk, user=consent.user.pk, now=now)
    locked = living_consents.select_for_update(of=("self",)).order_by("pk")
    return [each for each in locked if each.pk != consent.pk]


def living(*, client: Any, user: Any, now: Any) -> ConsentQuerySet:
    """The client's living consents of this person that carry no details; keys, or Parameters."""
    return Consent.objects.alive(now=now).filter(client=client, user=user, authorization_details=[])


_living: Prepared[Consent] = Prepared(
    lambda: living(
        client=Parameter("client", BigIntegerField()),
        user=Parameter("user", BigIntegerField()),
        now=Parameter("now", DateTimeField()),
    ).order_by("-created_at")
)
