"""Requests over the product's own pool, as one after the other takes a connection from it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection as proxy

connection: Any = proxy  # of whichever thread and loop asks
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")


@contextmanager
def sent_to_postgresql(tmp_path: Any) -> Iterator[Callable[[], list[str]]]:
    """What the connection of this thread sends in here, message by message, as libpq traces it."""
    connection.ensure_connection()
    libpq = connection.connection.pgconn
    path = tmp_path / "trace"
    with path.open("wb", buffering=0) as sink:
        libpq.trace(sink.fileno())
        libpq.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield lambda: [
                line.partition("\t")[2] for line in path.read_text().splitlines() if line[:1] == "F"
            ]
        finally:
            libpq.untrace()


def end_all_connections() -> int:
    """As a restart of PostgreSQL does: all but that of who asks; how many there were."""
    url, name = os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
    with psycopg.connect(url, autocommit=True) as administrator:
        ended = administrator.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        ).fetchone()
    assert ended is not None
    return int(ended[0])
