"""The keys of a client: given by value, or fetched from its JWKS URI and kept for a while.

Of all workers one fetches and the others wait; no transaction is open meanwhile. Keys are never
used beyond their time, even when their host is away: a key that was taken back must stop working.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from authserver import jose, outbound
from authserver.jose import PublicKeys
from authserver.requirements import requirement
from authserver.specs.cache_control import lifetime_of
from clients import key_sets
from clients.models import Client, ClientKeySet

MAX_BYTES = 65_536
LONGEST_WAIT = 5.0  # seconds
MOST_WAITING = 4  # threads of this process; the others are refused, so that they serve others
WAITING_ROOM = threading.BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class Report:
    """What a fetch found: keys as (kid, algorithm), and why others were left out."""

    keys: tuple[tuple[str, str], ...] = ()
    rejected: tuple[str, ...] = ()
    error: str = ""


@requirement("RFC7591-2", "CBUAE-2.1.4")
def keys_of(client: Client, *, kid: str | None, now: datetime) -> PublicKeys:
    """Return the client's keys that may be used now; none when they cannot be had.

    ``kid`` is the name that a token gives its key: one that we do not know is worth asking for
    again, at most once a minute.
    """
    return _parsed(json.dumps(jwks_of(client, kid=kid, now=now), sort_keys=True))


def jwks_of(client: Client, *, kid: str | None = None, now: datetime) -> Mapping[str, Any]:
    """The JWK Set behind ``keys_of``, nothing secret in it; empty when it cannot be had."""
    uri = client.client_jwks_uri
    if not uri:
        return client.client_jwks if isinstance(client.client_jwks, dict) else {}
    kept: ClientKeySet | None = getattr(client, "key_set", None)
    if kept is None or not kept.is_fresh(uri=uri, now=now) or not _names(kept.keys, kid):
        kept = client.key_set = _renewed(client, kept, now=now)
    return kept.keys if kept.is_fresh(uri=uri, now=now) else {}


@requirement("FFI-20")
def fetch_now(client: Client, *, now: datetime) -> Report:
    """Fetch the client's keys whatever is kept, and say what was found."""
    if not client.client_jwks_uri:
        return _report(client.client_jwks)
    before = key_sets.of(client)
    key_sets.claim(client, now=now, whenever=True)
    return _fetch(client, before=before, now=now)


@requirement("JW-20", "JW-21", "JW-22", "JW-23", "JW-26")
def _renewed(client: Client, kept: ClientKeySet | None, *, now: datetime) -> ClientKeySet:
    before = kept
    if before is None or before.uri != client.client_jwks_uri:
        before = key_sets.of(client)
    under_way = before.last_error == key_sets.UNDER_WAY
    if before.next_fetch_at and now < before.next_fetch_at and not under_way:
        return before  # asked a moment ago, with or without success
    if key_sets.claim(client, now=now):
        _fetch(client, before=before, now=now)
    else:
        _wait_for_the_other(client)
    return ClientKeySet.objects.get(client=client)


@requirement("JW-10")
def _fetch(client: Client, *, before: ClientKeySet, now: datetime) -> Report:
    if not connection.in_atomic_block:
        connection.close()  # back into the pool: a slow host must not hold a connection
    try:
        fetched = outbound.fetch_json(client.client_jwks_uri, max_bytes=MAX_BYTES)
        report = _report(fetched.json)
    except outbound.OutboundError as fault:
        report = Report(error=fault.reason)
    if report.error:
        key_sets.note_failure(client, report.error, before=before, now=now)
        return report
    lifetime = lifetime_of(
        fetched.headers,
        shortest=key_sets.BETWEEN_FETCHES,
        longest=client.participant.ecosystem.rules.jwks_max_age,
        now=now,
    )
    facts = {"count": len(report.keys), "rejected": report.rejected}
    key_sets.store(client, fetched.json, before=before, lifetime=lifetime, now=now, **facts)
    return report


def _wait_for_the_other(client: Client) -> None:
    """Wait until whoever is fetching has finished; return at once when nobody is."""
    if not WAITING_ROOM.acquire(blocking=False):
        return
    try:
        end = time.monotonic() + LONGEST_WAIT
        while key_sets.is_under_way(client) and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        WAITING_ROOM.release()


def _names(jwks: Mapping[str, Any], kid: str | None) -> bool:
    return kid is None or any(key.get("kid") == kid for key in jwks.get("keys", []))


@requirement("JW-12", "JW-13")
def _report(jwks: Any) -> Report:
    try:
        found = jose.import_jwks(jwks)
    except jose.BadJOSE:
        return Report(error="the answer is not a JWK Set")
    keys = tuple((key.kid or "", key.algorithm) for key in found.keys)
    return Report(keys=keys, rejected=found.rejected)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> PublicKeys:
    try:
        return jose.import_jwks(json.loads(text))
    except jose.BadJOSE:
        return PublicKeys()
