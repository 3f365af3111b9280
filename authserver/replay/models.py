"""Used proofs: a jti is used up once, and stays used up when the rest of its request fails."""

import hashlib
from datetime import datetime
from functools import cache

from django.db import connection, models

from authserver.protocol.requirements import requirement
from authserver.storage.names import column, table


class UsedProofQuerySet(models.QuerySet["UsedProof"]):
    @requirement("RFC7523-3", "DPOP-11.1")
    def consume(self, *, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        """Consume the jti; False if it was used up before. The database decides, so no race.

        ``owner`` separates the name spaces of two clients. ``expires_at`` must not be before the
        last moment at which the proof would still be accepted, skew included.
        """
        with connection.cursor() as cursor:
            cursor.execute(_using_up(self.model), [digest(purpose, owner, jti), expires_at])
            return cursor.fetchone() is not None


def digest(purpose: str, owner: str, jti: str) -> str:
    """SHA-256, hex: whatever the sender chose as jti, the column and its index can hold it."""
    text = "\x00".join((purpose, owner, jti))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _using_up(model: type[models.Model]) -> str:
    """Digest and expiry are stored, and the digest returned, unless it is there already."""
    used = column(model, "digest")
    return (
        f"INSERT INTO {table(model)} ({used}, {column(model, 'expires_at')}) VALUES (%s, %s)"  # noqa: S608
        f" ON CONFLICT ({used}) DO NOTHING RETURNING {used}"
    )


class UsedProof(models.Model):
    """The digest of a used jti, until nothing that carries it could be accepted any more."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsedProofQuerySet.as_manager()
