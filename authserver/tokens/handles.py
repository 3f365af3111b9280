"""Opaque handles: how one is made, how it is stored, how it is taken back once."""

import hashlib
import secrets
from datetime import datetime
from functools import cache

from django.db import connection, models

from authserver.protocol.requirements import requirement
from authserver.storage.names import column, table


@requirement("RFC6749-10.10", "RFC6749-A.17", "RFC6819-5.1.4.2-2")
def new_handle() -> str:
    """256 bits from the system's generator, as 43 base64url characters."""
    return secrets.token_urlsafe(32)


def digest(handle: str) -> str:
    """SHA-256, hex: the only form in which a handle is stored."""
    return hashlib.sha256(handle.encode("utf-8", "surrogatepass")).hexdigest()


def consume_once(row: models.Model, *, mark: str, now: datetime, expiry: str = "") -> bool:
    """Set the row's field ``mark`` to now where it is still null; False where it was set before.

    One conditional statement whose returned row decides: of any number of callers, one gets True.
    With ``expiry`` the row must also not have expired.
    """
    instant = connection.ops.adapt_datetimefield_value(now)
    values = [instant, row.pk, instant] if expiry else [instant, row.pk]
    with connection.cursor() as cursor:
        cursor.execute(_consuming(type(row), mark, expiry), values)
        return cursor.fetchone() is not None


@cache
def _consuming(model: type[models.Model], mark: str, expiry: str) -> str:
    key, marked = column(model, "pk"), column(model, mark)
    in_time = f" AND {column(model, expiry)} > %s" if expiry else ""
    return (
        f"UPDATE {table(model)} SET {marked} = %s"  # noqa: S608  names of our own models
        f" WHERE {key} = %s AND {marked} IS NULL{in_time} RETURNING {key}"
    )
