"""Making and dropping a PostgreSQL database beside the run's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def postgresql_database(url: str, name: str) -> Iterator[str]:
    """The URL of a new, empty database ``name`` on the server of ``url``; dropped at the end.

    The connection that does it is an administrator's. The server's own limits of time do not stand
    on it: to drop a database waits for a checkpoint, on a busy disk for longer than five seconds.
    """
    base = url.rpartition("/")[0]
    identifier = sql.Identifier(name)
    _administer(base, sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield f"{base}/{name}"
    finally:
        _administer(base, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _administer(base: str, statement: sql.Composed) -> None:
    with psycopg.connect(f"{base}/postgres", autocommit=True) as administrator:
        administrator.execute(statement)
