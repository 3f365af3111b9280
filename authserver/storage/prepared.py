"""Statements whose SQL is made once: the same at every request, each time with other values.

Django makes the SQL of a statement anew for every use. For the few that every request asks, with a
hundred columns of three tables, and the rows that it stores, that took longer than all the
cryptography of the request.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections, models, router, transaction
from django.db.models import AutoField

from authserver.storage.django_internals import (
    CompiledQuery,
    compiled,
    is_left_to_the_database,
    mark_as_stored,
    require_stored_relations,
)

Row = TypeVar("Row", bound=models.Model)

# What these fields, and no class made of them, store as it is: every driver knows it.
AS_IT_IS: dict[type, type] = {
    models.CharField: str,
    models.EmailField: str,
    models.SlugField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.PositiveIntegerField: int,
    models.BigIntegerField: int,
    models.BigAutoField: int,
}
# As SQLite does not.
AS_IT_IS_IN_POSTGRESQL = AS_IT_IS | {models.UUIDField: UUID, models.DateTimeField: datetime}


class Parameter(models.Expression):
    """A value of a prepared query that is given when it is asked."""

    def __init__(self, name: str, output_field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Prepared(Generic[Row]):
    """A query whose rows are those that the QuerySet would return, relations included.

    ``build`` makes the QuerySet, with a Parameter in the place of every value that changes. It is
    called once, at the first use, when all models are known.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[Row]"]) -> None:
        self._build = build
        self._compiled: CompiledQuery | None = None

    def first(self, **values: Any) -> Row | None:
        """The first row for these values, or None; KeyError if one is missing."""
        return next(self._rows(values), None)

    def all(self, **values: Any) -> list[Row]:
        """Every row for these values, in the order of the QuerySet."""
        return list(self._rows(values))

    def _rows(self, values: dict[str, Any]) -> Iterator[Row]:
        if self._compiled is None:
            self._compiled = compiled(self._build())
        query = self._compiled
        connection = connections[query.alias]  # one for each thread; the SQL is for all
        with connection.cursor() as cursor:
            cursor.execute(query.statement, adapted(query.parameters, values, connection))
            rows = cursor.fetchall()
        return (query.row(columns, connection) for columns in rows)


def adapted(parameters: Sequence[Any], values: dict[str, Any], connection: Any) -> list[Any]:
    """The values in the place of the parameters, each adapted once, however often it stands."""
    known: dict[tuple[str, type], Any] = {}
    given = []
    for each in parameters:
        if not isinstance(each, Parameter):
            given.append(each)
            continue
        field = each.output_field
        place = (each.name, type(field))
        if place not in known:
            value = values[each.name]
            known[place] = field.get_db_prep_value(value, connection, prepared=False)
        given.append(known[place])
    return given


class PreparedInserts(models.QuerySet[Row]):
    """A QuerySet with ``insert``: ``create`` by a statement that is made once, without signals."""

    def insert(self, **columns: Any) -> Row:
        """Store a new row, as ``create`` does; TypeError where a column is left to the database."""
        return insert(self.model(**columns), using=self.db)


def insert(row: Row, *, using: str) -> Row:
    """Store a new row of a model without parents, as ``save(force_insert=True)`` does.

    Every column has a value: TypeError where one is left to its ``db_default``.
    """
    statement, key_is_made = _insert(type(row), using)
    if row.pk is not None and key_is_made:  # and this one was not made by the database
        row.save(force_insert=True, using=using)
        return row
    connection: Any = connections[using]
    values = values_of(row, using=using)
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(statement, values)
        if key_is_made:
            row.pk = cursor.fetchone()[0]
    mark_as_stored(row, using=using)
    return row


def update(model: type[models.Model], key: Any, **columns: Any) -> None:
    """Set columns of the row with this key, as ``filter(pk=key).update(...)`` does."""
    using = router.db_for_write(model)
    connection = connections[using]
    fields: list[Any] = [*map(model._meta.get_field, columns), model._meta.pk]
    given = zip(fields, [*columns.values(), key], strict=True)
    values = [field.get_db_prep_save(value, connection) for field, value in given]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(_update(model, tuple(columns), using), values)


@cache
def _update(model: type[models.Model], names: tuple[str, ...], using: str) -> str:
    quoted = connections[using].ops.quote_name
    key: Any = model._meta.pk
    fields: list[Any] = [model._meta.get_field(each) for each in names]
    changed = ", ".join(f"{quoted(each.column)} = %s" for each in fields)
    return f"UPDATE {quoted(model._meta.db_table)} SET {changed} WHERE {quoted(key.column)} = %s"  # noqa: S608


def values_of(row: models.Model, *, using: str) -> list[Any]:
    """What ``insert`` stores in each of ``stored_fields``, as the driver takes it."""
    require_stored_relations(row)
    connection = connections[using]
    values = []
    for name, field, kind in _columns(type(row), connection.vendor):
        value = getattr(row, name) if name else field.pre_save(row, True)
        if not _is_stored_as_it_is(value, kind):
            value = _adapted_column(field, value, connection)
        values.append(value)
    return values


def _is_stored_as_it_is(value: Any, kind: type | None) -> bool:
    """True if the driver takes the value, whose column is of this kind, without a word of Django's.

    A moment without a zone is Django's to complain about.
    """
    if kind is None or value is None:
        return kind is not None
    return type(value) is kind and getattr(value, "tzinfo", UTC) is not None


def _adapted_column(field: Any, value: Any, connection: Any) -> Any:
    if is_left_to_the_database(value):
        raise TypeError(f"{field} is left to the database: give it a value, or use create()")
    return field.get_db_prep_save(value, connection)


@cache
def stored_fields(model: type[models.Model]) -> tuple[Any, ...]:
    """The fields that ``insert`` stores: all but a key that the database makes."""
    return tuple(each for each in model._meta.concrete_fields if not isinstance(each, AutoField))


@cache
def _columns(model: type[models.Model], vendor: str) -> tuple[tuple[str, Any, type | None], ...]:
    """Of each stored field: the attribute where its value stands, the field, the type that is
    stored as it is. The attribute is empty where the field itself has to say what is stored.
    """
    kinds = AS_IT_IS_IN_POSTGRESQL if vendor == "postgresql" else AS_IT_IS
    return tuple(
        (
            each.attname if _is_stored_as_set(each) else "",
            each,
            kinds.get(type(getattr(each, "target_field", each))),
        )
        for each in stored_fields(model)
    )


def _is_stored_as_set(field: Any) -> bool:
    """True unless the field puts a value of its own into the row, like the moment of storing."""
    if isinstance(field, models.DateField | models.TimeField):
        return not (field.auto_now or field.auto_now_add)
    return type(field).pre_save is models.Field.pre_save


@cache
def _insert(model: type[models.Model], using: str) -> tuple[str, bool]:
    """The statement; True where it returns the key, since the database makes it."""
    key = model._meta.pk
    fields = stored_fields(model)
    quoted = connections[using].ops.quote_name
    columns = ", ".join(quoted(each.column) for each in fields)
    places = ", ".join("%s" for _ in fields)
    made = f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    if key in fields:
        return made, False
    return f"{made} RETURNING {quoted(key.column)}", True
