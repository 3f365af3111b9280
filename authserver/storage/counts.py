"""Django's cache in the database, without its count of rows: codes that were used, attempts.

Django counts all rows before each one that it stores, and beyond a limit throws some away, which
would let whoever invents enough names forget the attempts of others. Here each use is one
statement; ``manage.py purge`` forgets what is over.
"""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

from authserver.storage.django_internals import CACHE_EXPIRY, CACHE_KEY, CACHE_VALUE


class Counts(DatabaseCache):
    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, params)
        self.table = table

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self.store(key, value, timeout, version, over="true")

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """As ``set``, where there is no entry that is still good; True if it was stored."""
        return self.store(key, value, timeout, version, over=f"{{table}}.{CACHE_EXPIRY} < %s")

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give an entry more time; False where there is none."""
        statement = f"UPDATE {{table}} SET {CACHE_EXPIRY} = %s WHERE {CACHE_KEY} = %s"  # noqa: S608
        named = self.make_and_validate_key(key, version=version)
        return self.execute(statement, self.end(timeout), named)

    def store(self, key: str, value: Any, timeout: Any, version: int | None, *, over: str) -> bool:
        """Store the entry; in the place of one of its name where the condition holds."""
        statement = (
            f"INSERT INTO {{table}} ({CACHE_KEY}, {CACHE_VALUE}, {CACHE_EXPIRY})"  # noqa: S608
            " VALUES (%s, %s, %s)"
            f" ON CONFLICT ({CACHE_KEY}) DO UPDATE SET"
            f" {CACHE_VALUE} = excluded.{CACHE_VALUE},"
            f" {CACHE_EXPIRY} = excluded.{CACHE_EXPIRY} WHERE {over}"
        )
        named = self.make_and_validate_key(key, version=version)
        text = base64.b64encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode("ascii")
        now = [timezone.now()] if "%s" in over else []
        return self.execute(statement, named, text, self.end(timeout), *now)

    def end(self, timeout: Any) -> datetime:
        """The second in which an entry is over; None lasts for ever."""
        seconds = self.get_backend_timeout(timeout)
        if seconds is None:
            return datetime.max.replace(microsecond=0, tzinfo=UTC)
        return datetime.fromtimestamp(int(seconds), tz=UTC)

    def execute(self, statement: str, *values: Any) -> bool:
        """Send it; True if it stored something."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        adapted = [
            connection.ops.adapt_datetimefield_value(each) if isinstance(each, datetime) else each
            for each in values
        ]
        table = connection.ops.quote_name(self.table)
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=table), adapted)
            return bool(cursor.rowcount > 0)
