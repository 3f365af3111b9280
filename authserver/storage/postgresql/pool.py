"""A pool of connections that are looked at, and not asked, before they are used."""

import select
from contextlib import suppress
from time import monotonic

import psycopg
from psycopg_pool import ConnectionPool

# A server that has hung up is seen at the socket. One that vanished, or a firewall that forgot the
# connection, is not: so a connection that lay idle is asked, which a busy server never notices.
SECONDS_UNASKED = 1.0  # our choice
# The plans of so many statements are kept by each connection; an admin's pages add to those of the
# endpoints, which are some two hundred.
STATEMENTS = 300


class Connection(psycopg.Connection[tuple[object, ...]]):
    """``used_at`` is when it was last taken from the pool, in seconds of the monotonic clock."""

    used_at = 0.0


class Pool(ConnectionPool[Connection]):
    """Hands out connections that are alive, in no more time than ``timeout`` for all of them.

    psycopg's own check asks an empty statement each time, and after a dead connection it waits for
    a second before it looks at the next: a restart of the database would leave a pool of them.
    """

    def getconn(self, timeout: float | None = None) -> Connection:
        deadline = monotonic() + (self.timeout if timeout is None else timeout)
        connection = super().getconn(timeout)
        while not is_alive(connection):
            self.putconn(connection)  # a new one is made in its place
            connection = super().getconn(deadline - monotonic())
        return connection


def is_alive(connection: Connection) -> bool:
    """False where the server has ended the connection; it is closed then."""
    now = monotonic()
    idle, connection.used_at = now - connection.used_at, now
    if idle <= SECONDS_UNASKED and not _has_something_to_say(connection):
        return True
    with suppress(psycopg.Error):
        ConnectionPool.check_connection(connection)
        return True
    connection.close()
    return False


def _has_something_to_say(connection: Connection) -> bool:
    """True where something has come that was not asked for: a notice, or the last word."""
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    return bool(poller.poll(0))
