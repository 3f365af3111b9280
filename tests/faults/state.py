"""All that is stored, and what a request would change of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction

from tests.faults.outages import counted
from tests.outcome import STORED

State = dict[str, list[dict[str, Any]]]
WITH_EVENTS = (*STORED, "audit.AuditEvent")


def stored() -> State:
    """Every row that matters, in every column: nothing may be half done."""
    return {
        name: list(apps.get_model(name).objects.order_by("pk").values()) for name in WITH_EVENTS
    }


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
