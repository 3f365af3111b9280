"""Queries whose SQL is made once: the same at every request, each time with other values.

Django makes the SQL of a query anew for every use. For the few that every request asks, with a
hundred columns of three tables, that took longer than all the cryptography of the request.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)


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
        connection = connections[made.alias]
        given = tuple(_adapted(each, values, connection) for each in made.parameters)

        asked: Any = copy(made.compiler)  # a connection belongs to one thread, the SQL to all
        asked.connection = connection
        asked.as_sql = lambda *_, **__: (made.statement, given)
        asked.get_converters = lambda _: made.converters
        queryset: Any = SimpleNamespace(
            db=made.alias,
            query=SimpleNamespace(get_compiler=lambda **_: asked),
            _known_related_objects={},
        )
        return iter(ModelIterable(queryset))


@dataclass(frozen=True, slots=True)
class _Made:
    alias: str
    compiler: SQLCompiler
    statement: str
    parameters: tuple[Any, ...]
    converters: dict[int, Any]


def _made(queryset: "models.QuerySet[Any]") -> _Made:
    compiler = queryset.query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    return _Made(
        alias=queryset.db,
        compiler=compiler,
        statement=statement,
        parameters=tuple(parameters),
        converters=compiler.get_converters(columns),
    )


def _adapted(parameter: Any, values: dict[str, Any], connection: Any) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    field = parameter.output_field
    return field.get_db_prep_value(values[parameter.name], connection, prepared=False)
