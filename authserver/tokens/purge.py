"""Forgetting what has expired, so that no table grows for ever.

Nothing waits for it: whoever reads a row looks at the clock. A row goes once its time has been
over for a while and no other row points at it; so a code stays as long as a token that came from
it, and one that is shown again still kills them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from authserver.replay.models import UsedProof
from authserver.requirements import requirement
from authserver.tokens.models import (
    AccessToken,
    AuthorizationCode,
    AuthorizationTransaction,
    PushedRequest,
    RefreshToken,
)

BATCH = 500  # our choice: locks are held for a moment, and a stop loses little work
# Our choice: more than the longest life of a proof (5 min and the skew) or of a person's visit
# (twice 10 min), so that a clock that was set forwards and back again re-opens nothing.
MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purgeable:
    """Rows of a model that may go: ``expiry`` is a column, ``kept_by`` what may point at them."""

    model: type[models.Model]
    expiry: str
    kept_by: tuple[tuple[type[models.Model], str], ...] = ()
    is_token: bool = False

    def over(self, *, before: datetime) -> models.QuerySet[models.Model]:
        """Those whose time was over before this instant and that nothing points at."""
        found = self.model._default_manager.filter(**{f"{self.expiry}__lt": before})
        for other, column in self.kept_by:
            pointing = other._default_manager.filter(**{column: OuterRef("pk")})
            found = found.exclude(Exists(pointing))
        return found.order_by(self.expiry)


# What points at others comes before them.
PURGEABLE = (
    Purgeable(model=UsedProof, expiry="expires_at"),
    Purgeable(model=AuthorizationTransaction, expiry="expires_at"),
    Purgeable(
        model=PushedRequest,
        expiry="expires_at",
        kept_by=((AuthorizationTransaction, "pushed_request"),),
    ),
    Purgeable(model=AccessToken, expiry="expires", is_token=True),
    Purgeable(
        model=RefreshToken,
        expiry="expires",
        kept_by=((AccessToken, "refresh_token"),),
        is_token=True,
    ),
    Purgeable(
        model=RefreshToken,
        expiry="revoked",
        kept_by=((AccessToken, "refresh_token"),),
        is_token=True,
    ),
    Purgeable(
        model=AuthorizationCode,
        expiry="expires",
        kept_by=((AccessToken, "authorization_code"), (RefreshToken, "authorization_code")),
    ),
)


@requirement("PR-33", "CA-46")
def purge(*, now: datetime, token_retention: timedelta) -> Iterator[tuple[str, int]]:
    """Delete what has expired, and yield (name of the table, rows deleted) for each.

    Tokens are kept for ``token_retention`` after their end, as their own record; everything else
    for ``MARGIN``. In batches, each a transaction of its own, passing over rows that are held.
    """
    for each in PURGEABLE:
        kept_for = max(MARGIN, token_retention) if each.is_token else MARGIN
        yield each.model._meta.db_table, _delete(each, before=now - kept_for)


@requirement("CA-46")
def earliest_now() -> datetime:
    """The time by our clock or by the database's, whichever is behind: nothing goes too early."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        theirs: datetime | str = cursor.fetchone()[0]
    if isinstance(theirs, str):  # SQLite's, in UTC
        theirs = datetime.fromisoformat(theirs).replace(tzinfo=UTC)
    return min(timezone.now(), theirs)


def _delete(purgeable: Purgeable, *, before: datetime) -> int:
    """Every batch begins where the last one ended: what was passed over is not read again."""
    total = 0
    since: datetime | None = None
    while batch := _delete_batch(purgeable, before=before, since=since):
        total += len(batch)
        since = batch[-1]
    return total


@transaction.atomic
def _delete_batch(
    purgeable: Purgeable, *, before: datetime, since: datetime | None
) -> list[datetime]:
    """Delete some, oldest first; return when each of them had expired."""
    found = purgeable.over(before=before)
    if since is not None:
        found = found.filter(**{f"{purgeable.expiry}__gte": since})
    locked = found.select_for_update(skip_locked=True, of=("self",))
    rows = list(locked.values_list("pk", purgeable.expiry)[:BATCH])
    purgeable.model._default_manager.filter(pk__in=[pk for pk, _ in rows]).delete()
    return [expired for _, expired in rows]
