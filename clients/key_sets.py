"""The row in which a client's fetched keys are kept; the database decides who may fetch.

``next_fetch_at`` is when a fetch may be claimed; while one is under way ``last_error`` says so.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.protocol import jose
from authserver.protocol.requirements import case
from clients.models import Client, ClientKeySet

AFTER_A_FAILURE = timedelta(seconds=45)  # JW-23: 30 to 60 s
LEASE = timedelta(seconds=6)  # longer than a fetch may take: whoever claimed it has died
UNDER_WAY = "a fetch is under way"

KEPT_MEMBERS = ("kty", "n", "e", "crv", "x", "y", "kid", "use", "alg", "key_ops", "x5c")
NOTHING: dict[str, Any] = {"keys": {}, "fetched_at": None, "fresh_until": None}


def of(client: Client) -> ClientKeySet:
    """Return the client's row, made on the first call; it holds nothing when its URI is new."""
    uri = client.client_jwks_uri
    row, created = ClientKeySet.objects.get_or_create(client=client, defaults={"uri": uri})
    if not created and row.uri != uri:
        # Only for the URI of this moment: a request may still hold the one before it.
        ClientKeySet.objects.filter(pk=row.pk, client__client_jwks_uri=uri).exclude(uri=uri).update(
            uri=uri, next_fetch_at=None, last_error="", **NOTHING
        )
        row.refresh_from_db()
    return row


@case("JW-21")
def claim(client: Client, *, now: datetime, whenever: bool = False) -> bool:
    """True for the one caller who shall fetch now; ``whenever`` takes it from anybody else."""
    due = Q() if whenever else Q(next_fetch_at=None) | Q(next_fetch_at__lte=now)
    rows = ClientKeySet.objects.filter(due, client=client, uri=client.client_jwks_uri)
    return bool(rows.update(next_fetch_at=now + LEASE, last_error=UNDER_WAY))


def is_under_way(client: Client) -> bool:
    return ClientKeySet.objects.filter(client=client, last_error=UNDER_WAY).exists()


def release(client: Client, *, before: ClientKeySet) -> None:
    """Leave it as it was before the claim: nobody was asked."""
    error = "" if before.last_error == UNDER_WAY else before.last_error
    ClientKeySet.objects.filter(
        client=client, uri=client.client_jwks_uri, last_error=UNDER_WAY
    ).update(next_fetch_at=before.next_fetch_at, last_error=error)


@transaction.atomic
def store(
    client: Client,
    jwks: Mapping[str, Any],
    *,
    before: ClientKeySet,
    lifetime: timedelta,
    pause: timedelta,
    now: datetime,
    **facts: Any,
) -> None:
    """Keep what was fetched for so long, and ask nobody for the pause.

    ``facts`` go to the audit trail if it is news.
    """
    keys = without_secrets(jwks)
    ClientKeySet.objects.filter(client=client, uri=client.client_jwks_uri).update(
        keys=keys,
        fetched_at=now,
        fresh_until=now + lifetime,
        next_fetch_at=now + pause,
        last_error="",
    )
    if keys != before.keys or before.last_error not in ("", UNDER_WAY):
        _record(Event.JWKS_FETCHED, client, **facts)


@transaction.atomic
def note_failure(client: Client, reason: str, *, before: ClientKeySet, now: datetime) -> None:
    """Leave the host alone for a while; what is kept stays good until its time is over."""
    ClientKeySet.objects.filter(client=client, uri=client.client_jwks_uri).update(
        next_fetch_at=now + AFTER_A_FAILURE, last_error=reason[:200]
    )
    if reason[:200] != before.last_error:
        _record(Event.JWKS_FAILED, client, reason=reason)


@case("JW-14")
def without_secrets(jwks: Mapping[str, Any]) -> dict[str, Any]:
    """The set without the private keys that a client published by mistake.

    Of a chain of certificates the first is kept: nothing else of it is looked at.
    """
    return {
        "keys": [
            {name: _kept(name, key[name]) for name in KEPT_MEMBERS if name in key}
            for key in jwks["keys"]
            if isinstance(key, dict) and not jose.is_secret(key)
        ]
    }


def _kept(name: str, value: Any) -> Any:
    return value[:1] if name == "x5c" and isinstance(value, list) else value


def _record(event: Event, client: Client, **facts: Any) -> None:
    slug = client.participant.ecosystem.slug
    record(event, ecosystem=slug, client_id=client.client_id, subject=client.client_id, **facts)
