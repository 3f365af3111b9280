"""Used proofs: a jti is used up once, and stays used up when the rest of its request fails."""

import hashlib
from datetime import datetime

from django.db import connection, models

from authserver.protocol.requirements import requirement


class UsedProofQuerySet(models.QuerySet["UsedProof"]):
    @requirement("RFC7523-3", "DPOP-11.1")
    def consume(self, *, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        """Consume the jti; False if it was used up before. The database decides, so no race.

        ``owner`` separates the name spaces of two clients. ``expires_at`` must not be before the
        last moment at which the proof would still be accepted, skew included.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO replay_usedproof (digest, expires_at) VALUES (%s, %s)"
                " ON CONFLICT (digest) DO NOTHING RETURNING digest",
                [digest(purpose, owner, jti), expires_at],
            )
            return cursor.fetchone() is not None


def digest(purpose: str, owner: str, jti: str) -> str:
    """SHA-256, hex: whatever the sender chose as jti, the column and its index can hold it."""
    text = "\x00".join((purpose, owner, jti))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class UsedProof(models.Model):
    """The digest of a used jti, until nothing that carries it could be accepted any more."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsedProofQuerySet.as_manager()
