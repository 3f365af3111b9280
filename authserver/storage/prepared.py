"""Statements whose SQL is made once: the same at every request, each time with other values.

Django makes the SQL of a statement anew for every use. For the few that every request asks, with a
hundred columns of three tables, and the rows that it stores, that took longer than all the
cryptography of the request.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.models import AutoField
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]
from django.db.models.sql.compiler import SQLCompiler

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

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Prepared(Generic[Row]):
    """A query whose rows are those that the QuerySet would return, relations included.

    ``build`` makes the QuerySet, with a Parameter in the place of every value that changes. It is
    called once, at the first use, when all models are known.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[Row]"]) -> None:
        self._build = build
        self._made: _Made | None = None

    def first(self, **values: Any) -> Row | None:
        """The first row for these values, or None; KeyError if one is missing."""
        return next(self._rows(values), None)

    def all(self, **values: Any) -> list[Row]:
        """Every row for these values, in the order of the QuerySet."""
        return list(self._rows(values))

    def _rows(self, values: dict[str, Any]) -> Iterator[Row]:
        if self._made is None:
            self._made = _made(self._build())
        made = self._made
        connection = connections[made.alias]  # one for each thread; the SQL is for all
        given = tuple(_adapted(each, values, connection) for each in made.parameters)
        with connection.cursor() as cursor:
            cursor.execute(made.statement, given)
            found = cursor.fetchall()
        return (made.row(columns, connection) for columns in found)


@dataclass(frozen=True, slots=True)
class _Made:
    """What Django's ModelIterable finds out about a query each time before it reads the rows."""

    alias: str
    statement: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, Any, Any], ...]  # column, function, expression
    model: type[models.Model]
    names: list[str]  # of its fields, which are the columns from "start" to "end"
    start: int
    end: int
    related: list[Any]  # what makes the objects of select_related
    annotations: dict[str, int]

    def row(self, columns: Sequence[Any], connection: Any) -> Any:
        values = list(columns)
        for position, convert, expression in self.converters:
            values[position] = convert(values[position], expression, connection)
        found = self.model.from_db(self.alias, self.names, values[self.start : self.end])
        for populator in self.related:
            populator.populate(values, found)
        for name, position in self.annotations.items():
            setattr(found, name, values[position])
        return found


def _made(queryset: "models.QuerySet[Any]") -> _Made:
    compiler: Any = queryset.query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    selected = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(selected)
    own = compiler.klass_info["select_fields"]
    return _Made(
        alias=queryset.db,
        statement=statement,
        parameters=tuple(parameters),
        converters=tuple(
            (position, convert, expression)
            for position, (converting, expression) in converters.items()
            for convert in converting
        ),
        model=compiler.klass_info["model"],
        names=[expression.target.attname for expression in selected[own[0] : own[-1] + 1]],
        start=own[0],
        end=own[-1] + 1,
        related=get_related_populators(compiler.klass_info, compiler.select, queryset.db),
        annotations=compiler.annotation_col_map,
    )


def _adapted(parameter: Any, values: dict[str, Any], connection: Any) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    field = parameter.output_field
    return field.get_db_prep_value(values[parameter.name], connection, prepared=False)


class PreparedInserts(models.QuerySet[Row]):
    """A QuerySet whose ``create`` makes the SQL of the INSERT once; it sends no signals."""

    def create(self, *values: Any, **named: Any) -> Row:
        return stored(self.model(*values, **named), using=self.db)


def stored(row: Row, *, using: str) -> Row:
    """Store a new row of values of a model without parents, as ``save(force_insert=True)`` does."""
    statement, fields = _insert(type(row), using)
    if row.pk is not None and row._meta.pk not in fields:  # a key that the database did not make
        row.save(force_insert=True, using=using)
        return row
    connection: Any = connections[using]
    row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]
    values = [_for_column(field, kind, row, connection) for field, kind in fields.items()]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(statement, values)
        if row._meta.pk not in fields:
            row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = using
    return row


def _for_column(field: Any, kind: type | None, row: models.Model, connection: Any) -> Any:
    value = field.pre_save(row, True)
    if type(value) is kind or (value is None and kind):
        return value
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
