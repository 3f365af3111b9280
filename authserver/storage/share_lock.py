"""Rows that are held FOR SHARE, by a statement whose SQL is made once.

Who issues something under them holds them, any number at a time, and who changes one waits.
Django knows FOR UPDATE alone, by which one caller would wait for another. SQLite has one writer at
a time, which is the same, and no such clause.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections, models

from authserver.storage.django_internals import CompiledValues, compiled_values
from authserver.storage.prepared import adapted

Model = type[models.Model]


class ShareLock:
    """``build`` makes the QuerySet as for ``Prepared``; it selects values, and joins no table but
    those of the models in ``of``, which are locked in that order.
    """

    strength = "FOR SHARE"

    def __init__(self, build: Callable[[], "models.QuerySet[Any, Any]"], *, of: Sequence[Model]):
        self.of = tuple(of)
        self._build = build
        self._compiled: CompiledValues | None = None
        self._statement = ""

    def lock(self, **values: Any) -> tuple[Any, ...] | None:
        """Lock the first row for these values, until the transaction ends, and return what is
        selected of it; None where there is none.
        """
        statement, given = self.statement(**values)
        with connections[self.query.alias].cursor() as cursor:
            cursor.execute(statement, given)
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def statement(self, **values: Any) -> tuple[str, list[Any]]:
        """What ``lock`` executes, to stand in another statement: the SQL and its parameters."""
        query = self.query
        connection = connections[query.alias]
        return self._statement, adapted(query.parameters, values, connection)

    @property
    def query(self) -> CompiledValues:
        if self._compiled is None:
            compiled = compiled_values(self._build().order_by())
            self._statement = compiled.statement + self._locking(compiled)
            self._compiled = compiled
        return self._compiled

    def _locking(self, query: CompiledValues) -> str:
        """The clause that locks every row that the statement reads."""
        tables = [model._meta.db_table for model in self.of]
        if set(query.tables) != set(tables):
            raise ValueError(f"{sorted(query.tables)} are read, {sorted(tables)} would be locked")
        if not connections[query.alias].features.has_select_for_update:
            return ""
        return f" {self.strength} OF {', '.join(query.tables[table] for table in tables)}"


class UpdateLock(ShareLock):
    """As ``ShareLock``, of rows that its holder changes: one holder at a time."""

    strength = "FOR NO KEY UPDATE"
