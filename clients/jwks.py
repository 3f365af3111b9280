"""The keys of a client: given by value, or fetched from its JWKS URI and kept for a while.

Of all workers one fetches and the others wait; no transaction is open meanwhile. Keys are never
used beyond their time, even when their host is away: a key that was taken back must stop working.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authserver import outbound
from authserver.protocol import jose
from authserver.protocol.jose import KeyName, PublicKeys
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.cache_control import lifetime_of
from authserver.storage.copies import kept_with
from clients import key_sets
from clients.models import Client, ClientKeySet

MAX_BYTES = 262_144  # 32 keys, each with a chain of three certificates
MOST_REPORTED = 20  # of the keys that are left out, in the trail
ANY = KeyName()
NO_KEYS = PublicKeys()
LONGEST_WAIT = 5.0  # seconds
AHEAD = timedelta(seconds=30)  # before the end one caller asks again, and the others do not wait


@dataclass(frozen=True, slots=True)
class KeySetReport:
    """What a fetch found: keys as (kid, algorithm), and why others were left out."""

    keys: tuple[tuple[str, str], ...] = ()
    rejected: tuple[str, ...] = ()
    error: str = ""


@requirement("RFC7591-2", "CBUAE-2.1.4")
def keys_of(client: Client, *, name: KeyName, now: datetime) -> PublicKeys:
    """Return the client's keys that a token may mean now; none when they cannot be had.

    ``name`` is what the token calls its key: one that we do not know is worth asking for again,
    as often as the profile says.
    """
    jwks = jwks_of(client, name=name, now=now)
    imported: dict[KeyName, tuple[Any, PublicKeys]] = kept_with(client, "keys", dict)
    of, keys = imported.get(name, (None, NO_KEYS))
    if of is not jwks:
        try:
            keys = jose.keys_named(jwks, name)
        except jose.BadJOSE:
            return NO_KEYS
        if keys:
            imported[name] = (jwks, keys)
    return keys


def jwks_of(client: Client, *, name: KeyName = ANY, now: datetime) -> Mapping[str, Any]:
    """The JWK Set behind ``keys_of``, nothing secret in it; empty when it cannot be had."""
    uri = client.client_jwks_uri
    if not uri:
        return client.client_jwks if isinstance(client.client_jwks, dict) else {}
    key_set: ClientKeySet | None = getattr(client, "key_set", None)
    if (
        key_set is None
        or not key_set.is_fresh(uri=uri, now=now + AHEAD)
        or not _names(key_set.keys, name)
    ):
        key_set = client.key_set = _renewed(client, key_set, name, now=now)
    return key_set.keys if key_set.is_fresh(uri=uri, now=now) else {}


@requirement("FFI-20")
def fetch_now(client: Client, *, now: datetime) -> KeySetReport:
    """Fetch the client's keys whatever is kept, and say what was found."""
    if not client.client_jwks_uri:
        return _report(client.client_jwks)
    before = key_sets.of(client)
    key_sets.claim(client, now=now, whenever=True)
    outbound.try_again(client.client_jwks_uri)
    return _fetch(client, before=before, now=now)


@case("JW-20", "JW-21", "JW-22", "JW-23", "JW-26")
def _renewed(
    client: Client, key_set: ClientKeySet | None, name: KeyName, *, now: datetime
) -> ClientKeySet:
    uri = client.client_jwks_uri
    before = key_set
    if before is None or before.uri != uri:
        before = key_sets.of(client)
    under_way = before.last_error == key_sets.UNDER_WAY
    if before.next_fetch_at and now < before.next_fetch_at and not under_way:
        return before  # asked a moment ago, with or without success
    if outbound.is_busy(uri):
        return before  # whoever waited would hold a thread that others need
    if key_sets.claim(client, now=now):
        _fetch(client, before=before, now=now)
    elif before.is_fresh(uri=uri, now=now) and _names(before.keys, name):
        return before
    else:
        _wait_for_the_other(client)
    return ClientKeySet.objects.get(client=client)


@case("JW-10")
def _fetch(client: Client, *, before: ClientKeySet, now: datetime) -> KeySetReport:
    outbound.let_go_of_the_database()
    try:
        fetched = outbound.fetch_json(client.client_jwks_uri, max_bytes=MAX_BYTES)
        report = _report(fetched.json)
    except outbound.Busy as fault:
        key_sets.release(client, before=before)
        return KeySetReport(error=fault.reason)
    except outbound.OutboundError as fault:
        report = KeySetReport(error=fault.reason)
    if report.error:
        key_sets.note_failure(client, report.error, before=before, now=now)
        return report
    rules = client.participant.ecosystem.rules
    pause = rules.jwks_min_age
    lifetime = lifetime_of(fetched.headers, shortest=pause, longest=rules.jwks_max_age, now=now)
    key_sets.store(
        client,
        fetched.json,
        before=before,
        lifetime=lifetime,
        pause=pause,
        now=now,
        count=len(report.keys),
        rejected=report.rejected[:MOST_REPORTED],
    )
    return report


def _wait_for_the_other(client: Client) -> None:
    """Wait until whoever is fetching has finished; return at once when nobody is."""
    outbound.let_go_of_the_database()
    with suppress(outbound.Busy), outbound.waiting(client.client_jwks_uri, seconds=LONGEST_WAIT):
        end = time.monotonic() + LONGEST_WAIT
        while key_sets.is_under_way(client) and time.monotonic() < end:
            time.sleep(0.1)


def _names(jwks: Mapping[str, Any], name: KeyName) -> bool:
    return name.kid is None or (bool(jwks) and jose.has_key(jwks, name))


@case("JW-12", "JW-13")
def _report(jwks: Any) -> KeySetReport:
    try:
        public_keys = jose.import_jwks(jwks)
    except jose.BadJOSE:
        return KeySetReport(error="the answer is not a JWK Set")
    keys = tuple((key.kid or "", key.algorithm) for key in public_keys.keys)
    return KeySetReport(keys=keys, rejected=public_keys.rejected)
