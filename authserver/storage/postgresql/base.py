"""What Django looks for in an ENGINE: its own backend, with our pool and our cursor."""

from time import monotonic
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from authserver.storage.django_internals import (
    NoPatternIndexes,
    configure,
    pools_of_the_process,
    remember_long_statements,
)
from authserver.storage.postgresql.pool import STATEMENTS, Connection, Pool

remember_long_statements()


class Cursor(base.ServerBindingCursor):  # type: ignore[name-defined,misc]
    """Values travel beside the statement, so that the server keeps the plan of its text.

    A plan of before a migration may return other columns than the table has by now. PostgreSQL
    refuses it from then on, on that connection, which is closed: an outage of one request.
    """

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().execute(*args, **kwargs)
        except psycopg.errors.FeatureNotSupported as stale:
            self.connection.close()
            raise psycopg.OperationalError("a plan of before a migration") from stale


class SchemaEditor(NoPatternIndexes, DatabaseSchemaEditor):
    """How tables are made and changed."""


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    @property
    def pool(self) -> Pool | None:
        """One for all threads of the process; it connects at its first use, behind every fork."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        pools: dict[str, Pool] = pools_of_the_process(self)
        if self.alias not in pools:
            made = Pool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                connection_class=Connection,
                configure=self.prepare,
                open=False,
                **options,
            )
            pools.setdefault(self.alias, made)
        return pools[self.alias]

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    def prepare(self, connection: Connection) -> None:
        connection.prepared_max = STATEMENTS
        connection.used_at = monotonic()
        configure(self, connection)
