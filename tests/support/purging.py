"""Purging as it would be done on another day."""

from datetime import timedelta

from django.utils import timezone

from authserver.tokens import purge

RETENTION = {
    "token_retention": timedelta(days=90),
    "refusal_retention": timedelta(days=30),
}


def purged(**ahead):
    """Purge as it would be done so far ahead; the number of rows deleted from each table."""
    found: dict[str, int] = {}
    now = timezone.now() + timedelta(**ahead)
    for table, count in purge.purge(now=now, **RETENTION):
        found[table] = found.get(table, 0) + count
    return {table: count for table, count in found.items() if count}
