"""Queries whose SQL is made once: the same at every request, each time with other values.

Django makes the SQL of a query anew for every use. For the few that every request asks, with a
hundred columns of three tables, that took longer than all the cryptography of the request.
"""

from collections.abc import Callable
from copy import copy
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
    """A query of one row. What it returns is what the QuerySet would return, relations included.

    ``build`` makes the QuerySet, with a Parameter in the place of every value that changes. It is
    called once, at the first use, when all models are known.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[Row]"]) -> None:
        self._build = build
        self._made: tuple[str, SQLCompiler, str, tuple[Any, ...]] | None = None

    def first(self, **values: Any) -> Row | None:
        """The first row for these values, or None; KeyError if one is missing."""
        if self._made is None:
            self._made = _compiled(self._build())
        alias, compiler, statement, parameters = self._made
        connection = connections[alias]
        given = tuple(_adapted(each, values, connection) for each in parameters)

        asked = copy(compiler)  # a connection belongs to one thread, the SQL to all of them
        asked.connection = connection
        asked.as_sql = lambda *_, **__: (statement, given)  # type: ignore[method-assign]
        queryset: Any = SimpleNamespace(
            db=alias,
            query=SimpleNamespace(get_compiler=lambda **_: asked),
            _known_related_objects={},
        )
        return next(iter(ModelIterable(queryset)), None)


def _compiled(
    queryset: "models.QuerySet[Any]",
) -> tuple[str, SQLCompiler, str, tuple[Any, ...]]:
    compiler = queryset[:1].query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    return queryset.db, compiler, statement, tuple(parameters)


def _adapted(parameter: Any, values: dict[str, Any], connection: Any) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    field = parameter.output_field
    return field.get_db_prep_value(values[parameter.name], connection, prepared=False)
