"""Rows that most tests start from, stored without the ORM making the same statement anew."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def stored(row: Row) -> Row:
    """Store a new row as its ``save_base`` would; the statement is written once per model."""
    statement, fields = _insert(type(row))
    returning = f"{statement} RETURNING {connection.ops.quote_name(row._meta.pk.column)}"
    with connection.cursor() as cursor:
        cursor.execute(returning, _values(row, fields))
        row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = connection.alias
    return row


def store_all(rows: Iterable[models.Model]) -> None:
    """Store new rows of one model of which nobody asks for the number."""
    listed = list(rows)
    statement, fields = _insert(type(listed[0]))
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_values(row, fields) for row in listed])


@cache
def _insert(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(each for each in model._meta.concrete_fields if not each.primary_key)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(each.column) for each in fields)
    places = ", ".join("%s" for _ in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})", fields  # noqa: S608


def _values(row: models.Model, fields: tuple[Any, ...]) -> list[Any]:
    return [each.get_db_prep_save(each.pre_save(row, add=True), connection) for each in fields]
