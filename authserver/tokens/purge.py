"""Forgetting what has expired, so that no table grows for ever.

Nothing waits for it: whoever reads a row looks at the clock. A row goes once its time has been
over for a while and no other row points at it; so a code stays as long as a token that came from
it, and one that is shown again still kills them. What a person decided stays, and so does what
the audit trail says of people and operators.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from authserver.audit.events import FORGOTTEN
from authserver.audit.models import AuditEvent, Refusal, Tally
from authserver.protocol.requirements import case
from authserver.replay.models import UsedProof
from authserver.storage.django_internals import CACHE_EXPIRY, CACHE_KEY
from authserver.storage.names import column, table
from authserver.storage.plans import plan_for_these_values
from authserver.tokens.models import (
    AccessToken,
    AuthorizationCode,
    AuthorizationTransaction,
    PushedRequest,
    RefreshToken,
)
from consents.actions import discard
from consents.models import Consent, ConsentState

CACHE = str(settings.CACHES["default"]["LOCATION"])
BATCH = 500  # our choice: locks are held for a moment, and a stop loses little work
WINDOW = (
    1000  # our choice: so many rows are looked at by one statement, also where all of them stay
)
# Our choice: more than the longest life of a proof (5 min and the skew) or of a person's visit
# (twice 10 min), so that a clock that was set forwards and back again re-opens nothing.
MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purgeable:
    """Rows of a model that may go: ``expiry`` is a column, ``kept_by`` what may point at them.

    ``among`` says which rows it is about; ``kept_as`` whose retention they have, if any; ``by``
    deletes the rows that have these keys, where that is an event.
    """

    model: type[models.Model]
    expiry: str
    among: Q = field(default_factory=Q)
    kept_by: tuple[tuple[type[models.Model], str], ...] = ()
    kept_as: str = ""
    by: Callable[[list[Any]], None] | None = None

    def over(self, *, before: datetime) -> models.QuerySet[models.Model]:
        """Those whose time was over before this instant and that nothing points at."""
        expired_rows = self.model._default_manager.filter(
            self.among, **{f"{self.expiry}__lt": before}
        )
        for other, pointer in self.kept_by:
            pointing = other._default_manager.filter(**{pointer: OuterRef("pk")})
            expired_rows = expired_rows.exclude(Exists(pointing))
        return expired_rows.order_by(self.expiry)

    def delete(self, keys: list[Any]) -> None:
        """Nothing points at the locked rows, so nobody looks for what does: that took longest."""
        if self.by is not None:
            self.by(keys)
        elif keys:
            key = column(self.model, "pk")
            places = ", ".join("%s" for _ in keys)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"DELETE FROM {table(self.model)} WHERE {key} IN ({places})",  # noqa: S608
                    keys,
                )


# What points at others comes before them.
PURGEABLE = (
    Purgeable(model=UsedProof, expiry="expires_at"),
    Purgeable(model=AuthorizationTransaction, expiry="expires_at"),
    Purgeable(
        model=PushedRequest,
        expiry="expires_at",
        kept_by=((AuthorizationTransaction, "pushed_request"),),
    ),
    Purgeable(  # a request that could still be approved keeps its own
        model=Consent,
        expiry="created_at",
        among=Q(state=ConsentState.AWAITING),
        kept_by=((PushedRequest, "consent"), (AuthorizationTransaction, "consent")),
        by=discard,
    ),
    Purgeable(model=AccessToken, expiry="expires", kept_as="token"),
    Purgeable(
        model=RefreshToken,
        expiry="expires",
        kept_by=((AccessToken, "refresh_token"),),
        kept_as="token",
    ),
    Purgeable(
        model=RefreshToken,
        expiry="revoked",
        kept_by=((AccessToken, "refresh_token"),),
        kept_as="token",
    ),
    Purgeable(
        model=AuthorizationCode,
        expiry="expires",
        kept_by=((AccessToken, "authorization_code"), (RefreshToken, "authorization_code")),
    ),
    Purgeable(model=Refusal, expiry="at", kept_as="refusal"),
    *(
        Purgeable(model=AuditEvent, expiry="at", among=Q(event__in=events), kept_as=kind)
        for kind, events in FORGOTTEN.items()
    ),
    Purgeable(model=Tally, expiry="hour", kept_as="login"),
)


@case("PR-33", "CA-46")
def purge(
    *,
    now: datetime,
    token_retention: timedelta,
    refusal_retention: timedelta,
    login_retention: timedelta | None = None,
    traffic_retention: timedelta | None = None,
) -> Iterator[tuple[str, int]]:
    """Delete what has expired, and yield (name of the table, rows deleted) for each.

    Tokens are kept for ``token_retention`` after their end, as their own record, and refusals for
    ``refusal_retention``; of the audit trail logins and the traffic of clients for theirs, or for
    ever where there is none; everything else for ``MARGIN``, and nothing for less. In batches, each
    a transaction of its own, passing over rows that are held.
    """
    retentions = {
        "token": token_retention,
        "refusal": refusal_retention,
        "login": login_retention,
        "traffic": traffic_retention,
        "": MARGIN,
    }
    yield CACHE, _delete_forgotten(now - MARGIN)
    for each in PURGEABLE:
        retention = retentions[each.kept_as]
        if retention is None:
            continue
        before = now - max(MARGIN, retention)
        yield each.model._meta.db_table, _delete(each, before=before)


def _delete_forgotten(before: datetime) -> int:
    """The counts of attempts whose time is over: one for every name that anybody thought of."""
    instant = connection.ops.adapt_datetimefield_value(before.replace(microsecond=0))
    cache, key, expiry = map(connection.ops.quote_name, (CACHE, CACHE_KEY, CACHE_EXPIRY))
    passing_over = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update else ""
    statement = (
        f"DELETE FROM {cache} WHERE {key} IN (SELECT {key} FROM {cache}"  # noqa: S608
        f" WHERE {expiry} < %s ORDER BY {expiry} LIMIT {BATCH} {passing_over})"
    )
    total = deleted = _deleted_by(statement, instant)
    while deleted == BATCH:
        deleted = _deleted_by(statement, instant)
        total += deleted
    return total


@transaction.atomic
def _deleted_by(statement: str, instant: Any) -> int:
    plan_for_these_values()
    with connection.cursor() as cursor:
        cursor.execute(statement, [instant])
        return int(cursor.rowcount)


@case("CA-46")
def earliest_now() -> datetime:
    """The time by our clock or by the database's, whichever is behind: nothing goes too early."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        theirs: datetime | str = cursor.fetchone()[0]
    if isinstance(theirs, str):  # SQLite's, in UTC
        theirs = datetime.fromisoformat(theirs).replace(tzinfo=UTC)
    return min(timezone.now(), theirs)


def _delete(purgeable: Purgeable, *, before: datetime) -> int:
    """Window by window: a million rows that stay are read in as many statements as it takes.

    Every batch begins where the last one ended: what was passed over is not read again.
    """
    total, since = 0, datetime.min.replace(tzinfo=UTC)
    while since < before:
        until = _end_of_window(purgeable, since=since, before=before)
        while batch := _delete_batch(purgeable, since=since, until=until):
            total += len(batch)
            since = batch[-1]
        since = until
    return total


@transaction.atomic
def _end_of_window(purgeable: Purgeable, *, since: datetime, before: datetime) -> datetime:
    plan_for_these_values()
    further = purgeable.model._default_manager.filter(
        purgeable.among, **{f"{purgeable.expiry}__gte": since, f"{purgeable.expiry}__lt": before}
    )
    ends = further.order_by(purgeable.expiry).values_list(purgeable.expiry, flat=True)
    end: datetime | None = ends[WINDOW : WINDOW + 1].first()
    return before if end is None else max(end, since + timedelta(microseconds=1))


@transaction.atomic
def _delete_batch(purgeable: Purgeable, *, since: datetime, until: datetime) -> list[datetime]:
    """Delete some that expired in between, oldest first; return when each of them had."""
    plan_for_these_values()
    expired_rows = purgeable.over(before=until).filter(**{f"{purgeable.expiry}__gte": since})
    locked = expired_rows.select_for_update(skip_locked=True, of=("self",))
    rows = list(locked.values_list("pk", purgeable.expiry)[:BATCH])
    purgeable.delete([pk for pk, _ in rows])
    return [expired for _, expired in rows]
