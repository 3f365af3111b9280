"""Opaque handles: how one is made, how it is stored, how it is taken back once."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import connection, models

from authserver.protocol.requirements import requirement


@requirement("RFC6749-10.10", "RFC6749-A.17", "RFC6819-5.1.4.2-2")
def new_handle() -> str:
    """256 bits from the system's generator, as 43 base64url characters."""
    return secrets.token_urlsafe(32)


def digest(handle: str) -> str:
    """SHA-256, hex: the only form in which a handle is stored."""
    return hashlib.sha256(handle.encode("utf-8", "surrogatepass")).hexdigest()


def consume_once(
    model: type[models.Model], *, now: datetime, mark: str, expiry: str = "", **matches: Any
) -> int | None:
    """Set the column ``mark`` to now where it is still null, and return the row's id.

    One conditional statement whose returned row decides: of any number of callers, one gets the
    id and the others None. With ``expiry`` the row must also not have expired.
    """
    columns = [*matches, mark] + ([expiry] if expiry else [])
    assert all(column.isidentifier() for column in columns)
    instant = connection.ops.adapt_datetimefield_value(now)
    conditions = [f"{column} = %s" for column in matches] + [f"{mark} IS NULL"]
    values = [*matches.values()]
    if expiry:
        conditions.append(f"{expiry} > %s")
        values.append(instant)
    statement = (
        f"UPDATE {model._meta.db_table} SET {mark} = %s"  # noqa: S608  columns are our own
        f" WHERE {' AND '.join(conditions)} RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [instant, *values])
        row = cursor.fetchone()
    return row[0] if row else None
