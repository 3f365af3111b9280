"""All that is stored, and what a request would change of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from tests.operations.faults.outages import counted
from tests.support.assertions import STORED

State = dict[str, list[tuple[Any, ...]]]
WITH_EVENTS = (*STORED, "audit.AuditEvent")


def stored() -> State:
    """Every row that matters, in every column: nothing may be half done."""
    with connection.cursor() as cursor:
        return {name: _rows(cursor, apps.get_model(name)._meta) for name in WITH_EVENTS}


def _rows(cursor: Any, table: Any) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {table.db_table} ORDER BY {table.pk.column}")  # noqa: S608
    return list(cursor.fetchall())


def changed_since(before: State) -> set[str]:
    """The tables in which something is new, changed or gone."""
    return {name for name, rows in stored().items() if rows != before[name]}


@dataclass(frozen=True)
class Rehearsal:
    """What the request answers, the statements it sends and the tables it changes."""

    response: Any
    statements: list[str]
    changed: set[str]


def rehearsed(visit: Callable[[], Any]) -> Rehearsal:
    """Make the request and undo it, so that it can be made again."""
    before = stored()
    with transaction.atomic():
        with counted() as statements:
            response = visit()
        found = Rehearsal(response, statements, changed_since(before))
        transaction.set_rollback(True)
    assert not changed_since(before)
    return found
