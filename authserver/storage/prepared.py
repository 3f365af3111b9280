"""Statements whose SQL is made once: the same at every request, each time with other values.

Django makes the SQL of a statement anew for every use. For the few that every request asks, with a
hundred columns of three tables, and the rows that it stores, that took longer than all the
cryptography of the request.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
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
}


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
        given = tuple(adapted(each, values, connection) for each in query.parameters)
        with connection.cursor() as cursor:
            cursor.execute(query.statement, given)
            rows = cursor.fetchall()
        return (query.row(columns, connection) for columns in rows)


def adapted(parameter: Any, values: dict[str, Any], connection: Any) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    field = parameter.output_field
    return field.get_db_prep_value(values[parameter.name], connection, prepared=False)


class PreparedInserts(models.QuerySet[Row]):
    """A QuerySet with ``insert``: ``create`` by a statement that is made once, without signals."""

    def insert(self, **columns: Any) -> Row:
        """Store a new row, as ``create`` does; TypeError where a column is left to the database."""
        return insert(self.model(**columns), using=self.db)


def insert(row: Row, *, using: str) -> Row:
    """Store a new row of a model without parents, as ``save(force_insert=True)`` does.

    Every column has a value: TypeError where one is left to its ``db_default``.
    """
    statement, fields = _insert(type(row), using)
    if row.pk is not None and row._meta.pk not in fields:  # a key that the database did not make
        row.save(force_insert=True, using=using)
        return row
    connection: Any = connections[using]
    values = [value for _, value in columns_of(row, using=using)]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(statement, values)
        if row._meta.pk not in fields:
            row.pk = cursor.fetchone()[0]
    mark_as_stored(row, using=using)
    return row


def columns_of(row: models.Model, *, using: str) -> Iterator[tuple[Any, Any]]:
    """The fields that ``insert`` stores, each with the row's value as the driver takes it."""
    require_stored_relations(row)
    connection = connections[using]
    for field, kind in _insert(type(row), using)[1].items():
        yield field, _for_column(field, kind, row, connection)


def _for_column(field: Any, kind: type | None, row: models.Model, connection: Any) -> Any:
    value = field.pre_save(row, True)
    if type(value) is kind or (value is None and kind):
        return value
    if is_left_to_the_database(value):
        raise TypeError(f"{field} is left to the database: give it a value, or use create()")
    return field.get_db_prep_save(value, connection)


@cache
def _insert(model: type[models.Model], using: str) -> tuple[str, dict[Any, type | None]]:
    """The statement, which returns the key where the database makes it, and the fields stored.

    With each field: what of it is stored as it is.
    """
    key = model._meta.pk
    fields = [each for each in model._meta.concrete_fields if not isinstance(each, AutoField)]
    quoted = connections[using].ops.quote_name
    columns = ", ".join(quoted(each.column) for each in fields)
    places = ", ".join("%s" for _ in fields)
    made = f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    returning = "" if key in fields else f" RETURNING {quoted(key.column)}"
    return made + returning, {each: AS_IT_IS.get(type(each)) for each in fields}
