"""Rows that most tests start from, stored without the ORM making the same statement anew."""

from typing import TypeVar

from django.db import connection, models

from authserver.storage import prepared

Row = TypeVar("Row", bound=models.Model)


def stored(row: Row) -> Row:
    return prepared.insert(row, using=connection.alias)
