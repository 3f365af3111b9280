"""What a process keeps of what it has read, for a second at most.

It forgets all of it as soon as it has changed a row that any of it is made of. Another process asks
again within the second, so nothing may be kept that hands something out.
"""

from collections.abc import Callable, Hashable
from itertools import count
from time import monotonic
from typing import Any, Generic, TypeVar

from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_save

SECONDS = 1.0  # docs/decisions/documents.md
AT_MOST = 1_024  # values of one kind
Value = TypeVar("Value")
Row = TypeVar("Row", bound=models.Model)

_changes = count(1)
_latest = 0
announced: set[type[models.Model]] = set()


class Kept(Generic[Value]):
    """Values by their key, each with when it was read, and behind which change."""

    def __init__(self) -> None:
        self._values: dict[Hashable, tuple[Value, float, int]] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value that is kept, or that ``make`` makes now; what ``make`` raises is not kept.

        In a transaction all is made anew and nothing kept: what it has read may be rolled back.
        """
        if connection.in_atomic_block:
            return make()
        now, change = monotonic(), _latest  # of before it is read
        value, read_at, behind = self._values.get(key, (None, 0.0, -1))
        if value is not None and behind == change and now - read_at < SECONDS:
            return value
        made = make()
        if len(self._values) >= AT_MOST:
            self._values.clear()
        self._values[key] = (made, now, change)
        return made


def forget() -> None:
    """Let this process ask again for whatever it keeps."""
    global _latest
    _latest = next(_changes)


def forget_when_committed(**signal: object) -> None:
    transaction.on_commit(forget, robust=True)


class AnnouncedRows(models.QuerySet[Row]):
    """A QuerySet whose changes are noticed that send no signal."""

    def update(self, **columns: Any) -> int:
        changed = super().update(**columns)
        forget_when_committed()
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        made = super().bulk_create(*args, **kwargs)
        forget_when_committed()
        return made


def announces_changes(model: type[Row]) -> type[Row]:
    """Say of a model, whose manager is of ``AnnouncedRows``, that values are made of its rows."""
    for signal in (post_save, post_delete):
        signal.connect(forget_when_committed, sender=model)
    announced.add(model)
    return model
