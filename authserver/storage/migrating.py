"""Indexes that come and go while the server works: operations of migrations, ``atomic = False``.

PostgreSQL builds and drops them CONCURRENTLY, so that no request waits, and as long as it takes:
the limits of time that requests have do not stand for them. SQLite has one writer anyway.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.operations import AddIndex, AlterField, RemoveIndex
from django.db.migrations.operations.base import Operation

# The opclasses of an index for LIKE 'x%', which Django makes beside each one of text.
PATTERNS = ("varchar_pattern_ops", "text_pattern_ops")


class AddIndexUnderLoad(AddIndex):
    """As ``AddIndex``. What a build that broke off has left behind goes first."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        with without_limits(schema_editor):
            drop(schema_editor, str(self.index.name))
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        with without_limits(schema_editor):
            drop(schema_editor, str(self.index.name))


class RemoveIndexUnderLoad(RemoveIndex):
    """As ``RemoveIndex``."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        with without_limits(schema_editor):
            drop(schema_editor, str(self.name))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        state = to_state.models[app_label, self.model_name_lower]
        add = AddIndexUnderLoad(self.model_name, state.get_index_by_name(self.name))
        add.database_forwards(app_label, schema_editor, from_state, to_state)


class AlterFieldUnderLoad(AlterField):
    """A field that differs from the one before in ``db_index`` alone: its own index goes."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        declared = {str(each.name) for each in model._meta.indexes}
        with without_limits(schema_editor):
            for name in indexes_of(schema_editor.connection, model._meta.db_table, column):
                if name not in declared:
                    drop(schema_editor, name)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """As ``AlterField`` goes forwards: the index comes back, while those who write wait."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        with without_limits(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class DropPatternIndexes(Operation):
    """The indexes for LIKE 'x%' of these tables, which databases of before have (PostgreSQL)."""

    reversible = True
    reduces_to_sql = False
    atomic = False

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, list(self.tables), {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models say nothing of them."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        with without_limits(schema_editor):
            for table in self.tables:
                for name in pattern_indexes_of(schema_editor.connection, table):
                    drop(schema_editor, name)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Nothing needs them."""

    def describe(self) -> str:
        return f"Drop the indexes for LIKE of {', '.join(self.tables)}"


@contextmanager
def without_limits(schema_editor: Any) -> Iterator[None]:
    """No limit of time, within, for the statements of this connection."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("RESET statement_timeout")
            cursor.execute("RESET lock_timeout")


def drop(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")


def indexes_of(connection: Any, table: str, column: str) -> list[str]:
    """Names of the indexes that are for this one column, whole, and for no constraint."""
    return _names(
        connection,
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND i.indkey[0] = a.attnum"
        " WHERE i.indrelid = to_regclass(%s) AND i.indnatts = 1 AND a.attname = %s"
        " AND NOT i.indisunique AND i.indpred IS NULL ORDER BY 1",
        [table, column],
    )


def pattern_indexes_of(connection: Any, table: str) -> list[str]:
    return _names(
        connection,
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_opclass o ON o.oid = i.indclass[0]"
        " WHERE i.indrelid = to_regclass(%s) AND o.opcname = ANY(%s)"
        " AND right(c.relname, 5) = '_like' ORDER BY 1",
        [table, list(PATTERNS)],
    )


def _names(connection: Any, statement: str, values: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [name for (name,) in cursor.fetchall()]
