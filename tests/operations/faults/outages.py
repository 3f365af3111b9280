"""A database that goes away in the middle of a request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

Execute = Callable[..., Any]


@contextmanager
def away_from(statement: int) -> Iterator[None]:
    """Every statement from this one on fails, the first being 0; what was begun is undone.

    A transaction whose connection is lost is rolled back by the database itself. Here the test's
    own transaction is around it, so rolling back to a savepoint, and releasing it then, goes on.
    """
    asked = 0
    undoing = False

    def fail(execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked, undoing
        asked += 1
        undoing = sql.startswith("ROLLBACK TO") or (undoing and sql.startswith("RELEASE"))
        if asked > statement and not undoing:
            raise OperationalError("the connection is lost: secret")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield
    connection.set_rollback(False)  # without a transaction around it there is nothing to undo


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent in here."""
    sent: list[str] = []

    def note(execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
