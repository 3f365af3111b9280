"""Several rows stored at once, while what they stand on is held: with PostgreSQL one statement.

All or nothing: the rows are stored if every lock finds its row alive and what is good once was not
used before. PostgreSQL does it in one statement with CTEs, which is its own transaction; SQLite in
one transaction, a statement for each. Both pass the same tests.
"""

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


def store_together(
    rows: Sequence[models.Model], *, under: Sequence[Held], consumed: Consumed | None = None
) -> bool:
    """Store the rows; False, and nothing was done, where a lock or the consumption finds nothing.

    No row may need the key that the database makes of another. A key that it makes stays unknown.
    """
    using = router.db_for_write(type(rows[0]))
    return WAYS[connections[using].vendor](rows, under, consumed, using)


def _one_by_one(
    rows: Sequence[models.Model], under: Sequence[Held], consumed: Consumed | None, using: str
) -> bool:
    with transaction.atomic(using=using):
        if any(each.lock.lock(**each.values) is None for each in under):
            return False
        if consumed is not None and not _marked(consumed):
            return False
        for row in rows:
            insert(row, using=using)
    return True


def _marked(consumed: Consumed) -> bool:
    unused = {f"{consumed.mark}__isnull": True, f"{consumed.expiry}__gt": consumed.now}
    model: Any = type(consumed.row)
    rows = model.objects.filter(pk=consumed.row.pk, **unused)
    return bool(rows.update(**{consumed.mark: consumed.now}))


def _in_one_statement(
    rows: Sequence[models.Model], under: Sequence[Held], consumed: Consumed | None, using: str
) -> bool:
    locks = [each.lock.statement(**each.values) for each in under]
    statement = _statement(
        tuple(sql for sql, _ in locks),
        (type(consumed.row), consumed.mark, consumed.expiry) if consumed else None,
        tuple(type(row) for row in rows),
        using,
    )
    given = [value for _, values in locks for value in values]
    if consumed is not None:
        given += [consumed.now, consumed.row.pk, consumed.now]
    for row in rows:
        given += values_of(row, using=using)
    with transaction.mark_for_rollback_on_error(using=using), connections[using].cursor() as cursor:
        cursor.execute(statement, given)
        is_stored = bool(cursor.fetchone()[0])
    if is_stored:
        for row in rows:
            mark_as_stored(row, using=using)
    return is_stored


@cache
def _statement(
    locks: tuple[str, ...],
    consumed: tuple[type[models.Model], str, str] | None,
    models_: tuple[type[models.Model], ...],
    using: str,
) -> str:
    """Locks, then what is used up, then the rows, each from all that stands before them."""
    connection = connections[using]
    quoted = connection.ops.quote_name
    parts = [f"lock_{n} AS MATERIALIZED ({sql})" for n, sql in enumerate(locks)]
    conditions = [f"lock_{n}" for n in range(len(locks))]
    if consumed is not None:
        parts.append(f"consumed AS ({_consuming(*consumed, conditions, connection)})")
        conditions.append("consumed")
    for n, model in enumerate(models_):
        columns = stored_fields(model)
        names = ", ".join(quoted(each.column) for each in columns)
        places = ", ".join(f"%s::{_type(each, connection)}" for each in columns)
        parts.append(
            f"row_{n} AS (INSERT INTO {quoted(model._meta.db_table)} ({names})"  # noqa: S608
            f" SELECT {places}{' FROM ' if conditions else ''}{', '.join(conditions)} RETURNING 1)"
        )
    return f"WITH {', '.join(parts)} SELECT count(*) FROM row_0"  # noqa: S608


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


def _type(field: Any, connection: Any) -> str:
    return LENGTH.sub("", field.cast_db_type(connection))


WAYS = {"postgresql": _in_one_statement, "sqlite": _one_by_one}
