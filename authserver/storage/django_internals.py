"""What we use of Django that its documentation does not promise, all in one place, each with why.

The same of psycopg. A test holds every part of it against the version that is installed. After an
update of either, look here first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import ResponseHeaders

# The columns of the table of ``createcachetable``: the table has no model. One says until when an
# entry is good, since Django itself forgets only by the count of rows.
CACHE_KEY, CACHE_VALUE, CACHE_EXPIRY = "cache_key", "value", "expires"


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """What Django's ModelIterable finds out about a query each time before it reads the rows.

    There is no public way to keep it, and making it takes longer than asking the database.
    """

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
        row = self.model.from_db(self.alias, self.names, values[self.start : self.end])
        for populator in self.related:
            populator.populate(values, row)
        for name, position in self.annotations.items():
            setattr(row, name, values[position])
        return row


def compiled(queryset: "models.QuerySet[Any]") -> CompiledQuery:
    compiler: Any = queryset.query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    selected = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(selected)
    own = compiler.klass_info["select_fields"]
    return CompiledQuery(
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


@dataclass(frozen=True, slots=True)
class CompiledValues:
    """The SQL of a query for values. ``tables`` are those that it reads from, subqueries apart,
    each with what the SQL calls it: a lock that Django does not know has to name them.
    """

    alias: str
    statement: str
    parameters: tuple[Any, ...]
    tables: dict[str, str]


def compiled_values(queryset: "models.QuerySet[Any, Any]") -> CompiledValues:
    query: Any = queryset.query
    compiler = query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    return CompiledValues(
        alias=queryset.db,
        statement=statement,
        parameters=tuple(parameters),
        tables={
            each.table_name: compiler.quote_name_unless_alias(alias)
            for alias, each in query.alias_map.items()
            if query.alias_refcount[alias]
        },
    )


def is_left_to_the_database(value: object) -> bool:
    """What a row has in a column with a ``db_default`` that it was given no value for."""
    return isinstance(value, DatabaseDefault)


def require_stored_relations(row: models.Model) -> None:
    """As ``save`` begins: ValueError where the row refers to one that has no key yet."""
    row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]


def mark_as_stored(row: models.Model, *, using: str) -> None:
    """As ``save`` ends: the next ``save`` of the row changes it instead of storing another."""
    row._state.adding = False
    row._state.db = using


PreparedHeaders = Mapping[str, tuple[str, str]]


def prepared_headers(headers: Mapping[str, str]) -> PreparedHeaders:
    """Headers as Django keeps them in an answer, judged once in the place of at every answer."""
    judged: Any = ResponseHeaders(dict(headers))
    prepared: dict[str, tuple[str, str]] = judged._store
    return prepared


def add_headers(response: HttpResponseBase, prepared: PreparedHeaders) -> None:
    """Add those that the answer does not have, as ``setdefault`` of each does."""
    headers: Any = response.headers
    headers._store = {**prepared, **headers._store}


def a_transaction_is_open(connection: Any) -> bool:
    """As Django tells it for durable blocks: those of its own test cases do not count."""
    return any(not each._from_testcase for each in connection.atomic_blocks)


def pools_of_the_process(database: Any) -> dict[str, Any]:
    """Where Django's backend keeps, and closes, the pool of each alias."""
    pools: dict[str, Any] = database._connection_pools
    return pools


def configure(database: Any, connection: Any) -> None:
    """What Django does to a connection of a pool when it is new: time zone and role."""
    database._configure_connection(connection)


class NoPatternIndexes:
    """A mixin of PostgreSQL's schema editor: no second index of each indexed text.

    Django makes one for LIKE 'x%', which no query of ours asks. It would be a quarter of what a
    used proof costs.
    """

    def _create_like_index_sql(self, model: Any, field: Any) -> None:
        return None


def remember_long_statements() -> None:
    """Let psycopg remember how it took a text apart also where that is long, or has many values.

    Ours that store several rows at once are, and to take one apart takes as long as to ask it.
    """
    import psycopg._queries

    vars(psycopg._queries).update(
        MAX_CACHED_STATEMENT_LENGTH=32_768, MAX_CACHED_STATEMENT_PARAMS=400
    )


def changeform_outside_a_transaction(
    model_admin: Any, request: HttpRequest, *args: Any
) -> HttpResponse:
    """What ``changeform_view`` puts a transaction around, for a form that asks another server."""
    response: HttpResponse = model_admin._changeform_view(request, *args)
    return response


class MadeByAnAction:
    """A mixin of a form of a row that an action makes of what was typed: no instance is filled.

    Django would fill and judge one, whose columns nobody typed.
    """

    def _post_clean(self) -> None:
        """The action judges."""
