"""Several rows stored at once, while what they stand on is held: with PostgreSQL one statement.

All or nothing: the rows are stored if every lock finds its row alive and what is good once was not
used before. PostgreSQL does it in one statement with CTEs, which is its own transaction; SQLite in
one transaction, a statement for each. Both pass the same tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, models, router, transaction

from authserver.storage.django_internals import mark_as_stored
from authserver.storage.prepared import insert, stored_fields, values_of
from authserver.storage.share_lock import ShareLock

LENGTH = re.compile(r"\(\d+\)")  # a cast to varchar(n) cuts off what is longer, and says nothing


@dataclass(frozen=True, slots=True)
class Held:
    """A lock, and the values for which its row has to be there."""

    lock: ShareLock
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Consumed:
    """A row that is good once: ``mark`` is set to ``now`` where it is still null, before expiry."""

    row: models.Model
    mark: str
    expiry: str
    now: datetime

    def was_before(self) -> bool:
        """True where somebody else has marked it."""
        model: Any = type(self.row)
        return bool(model.objects.filter(pk=self.row.pk).exclude(**{self.mark: None}).exists())


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that one of the locks holds, with the fields that are set, and to what."""

    row: models.Model
    to: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is stored together with something else."""

    rows: tuple[models.Model, ...] = ()
    under: tuple[Held, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            rows=self.rows + other.rows,
            under=self.under + other.under,
            changed=self.changed + other.changed,
        )


def store_together(
    rows: Sequence[models.Model],
    *,
    under: Sequence[Held],
    consumed: Consumed | None = None,
    changed: Sequence[Changed] = (),
) -> bool:
    """Store the rows; False, and nothing was done, where a lock or the consumption finds nothing.

    No row may need the key that the database makes of another. Of the keys that it makes, that of
    the first row is known afterwards.
    """
    using = router.db_for_write(type(rows[0]))
    return WAYS[connections[using].vendor](rows, under, consumed, changed, using)


def _one_by_one(
    rows: Sequence[models.Model],
    under: Sequence[Held],
    consumed: Consumed | None,
    changed: Sequence[Changed],
    using: str,
) -> bool:
    with transaction.atomic(using=using):
        if any(each.lock.lock(**each.values) is None for each in under):
            return False
        if consumed is not None and not _marked(consumed):
            return False
        for each in changed:
            model: Any = type(each.row)
            model.objects.using(using).filter(pk=each.row.pk).update(**each.to)
        for row in rows:
            insert(row, using=using)
    return True


def _marked(consumed: Consumed) -> bool:
    unused = {f"{consumed.mark}__isnull": True, f"{consumed.expiry}__gt": consumed.now}
    model: Any = type(consumed.row)
    rows = model.objects.filter(pk=consumed.row.pk, **unused)
    return bool(rows.update(**{consumed.mark: consumed.now}))


def _in_one_statement(
    rows: Sequence[models.Model],
    under: Sequence[Held],
    consumed: Consumed | None,
    changed: Sequence[Changed],
    using: str,
) -> bool:
    locks = [each.lock.statement(**each.values) for each in under]
    statement = _statement(
        tuple(sql for sql, _ in locks),
        (type(consumed.row), consumed.mark, consumed.expiry) if consumed else None,
        tuple((type(each.row), tuple(each.to)) for each in changed),
        tuple(type(row) for row in rows),
        using,
    )
    given = [value for _, values in locks for value in values]
    if consumed is not None:
        given += [consumed.now, consumed.row.pk, consumed.now]
    for each in changed:
        given += [*_values_of(each, connections[using]), each.row.pk]
    for row in rows:
        given += values_of(row, using=using)
    with transaction.mark_for_rollback_on_error(using=using), connections[using].cursor() as cursor:
        cursor.execute(statement, given)
        key_of_the_first = cursor.fetchone()
    if key_of_the_first is None:
        return False
    if rows[0].pk is None:
        rows[0].pk = key_of_the_first[0]
    for row in rows:
        mark_as_stored(row, using=using)
    return True


@cache
def _statement(
    locks: tuple[str, ...],
    consumed: tuple[type[models.Model], str, str] | None,
    changed: tuple[tuple[type[models.Model], tuple[str, ...]], ...],
    models_: tuple[type[models.Model], ...],
    using: str,
) -> str:
    """Locks, then what is used up, then changes and rows, each from all that stands before them."""
    connection = connections[using]
    quoted = connection.ops.quote_name
    parts = [f"lock_{n} AS MATERIALIZED ({sql})" for n, sql in enumerate(locks)]
    conditions = [f"lock_{n}" for n in range(len(locks))]
    if consumed is not None:
        parts.append(f"consumed AS ({_consuming(*consumed, conditions, connection)})")
        conditions.append("consumed")
    parts += [
        f"change_{n} AS ({_changing(model, names, conditions, connection)})"
        for n, (model, names) in enumerate(changed)
    ]
    for n, model in enumerate(models_):
        columns = stored_fields(model)
        names = ", ".join(quoted(each.column) for each in columns)
        places = ", ".join(f"%s::{_type(each, connection)}" for each in columns)
        parts.append(
            f"row_{n} AS (INSERT INTO {quoted(model._meta.db_table)} ({names})"  # noqa: S608
            f" SELECT {places}{' FROM ' if conditions else ''}{', '.join(conditions)}"
            f" RETURNING {quoted(model._meta.pk.column)} AS key)"
        )
    return f"WITH {', '.join(parts)} SELECT key FROM row_0"  # noqa: S608


def _consuming(
    model: type[models.Model], mark: str, expiry: str, conditions: list[str], connection: Any
) -> str:
    quoted = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(each) for each in (mark, expiry)]
    marked, expires = (quoted(each.column) for each in fields)
    key: Any = model._meta.pk
    locked = "".join(f" AND EXISTS (SELECT 1 FROM {each})" for each in conditions)  # noqa: S608
    return (
        f"UPDATE {quoted(model._meta.db_table)} SET {marked} = %s::timestamptz"  # noqa: S608
        f" WHERE {quoted(key.column)} = %s AND {marked} IS NULL"
        f" AND {expires} > %s::timestamptz{locked} RETURNING 1"
    )


def _changing(
    model: type[models.Model], names: tuple[str, ...], conditions: list[str], connection: Any
) -> str:
    """Joined with what it stands on: a row that somebody changed meanwhile is looked at again by
    what the statement has at hand, and nothing of it is executed anew."""
    quoted = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = ", ".join(f"{quoted(each.column)} = %s::{_type(each, connection)}" for each in fields)
    table, key = quoted(model._meta.db_table), quoted(model._meta.pk.column)
    joined = f" FROM {', '.join(conditions)}" if conditions else ""
    return f"UPDATE {table} SET {columns}{joined} WHERE {table}.{key} = %s RETURNING 1"  # noqa: S608


def _values_of(changed: Changed, connection: Any) -> list[Any]:
    fields: list[Any] = [type(changed.row)._meta.get_field(name) for name in changed.to]
    return [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, changed.to.values(), strict=True)
    ]


def _type(field: Any, connection: Any) -> str:
    return LENGTH.sub("", field.cast_db_type(connection))


WAYS = {"postgresql": _in_one_statement, "sqlite": _one_by_one}
