"""The values that the columns of a condition can have, from the models, stored in combination."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Any

from django.apps import apps
from django.db import models

from authserver.storage.conditions import Condition


def every_condition() -> dict[str, tuple[type[models.Model], Condition]]:
    """``Client.ALIVE`` and its like, by that name: all that any model of ours has."""
    return {
        f"{model.__name__}.{name}": (model, condition)
        for model in apps.get_models()
        for name, condition in vars(model).items()
        if isinstance(condition, Condition)
    }


@dataclass(frozen=True)
class Column:
    """A column of one row: what is stored in it, and all else that is worth storing."""

    row: models.Model
    name: str
    stored: Any
    others: tuple[Any, ...]

    def store(self, value: Any) -> None:
        rows = type(self.row)._base_manager.filter(pk=self.row.pk)
        assert rows.update(**{self.name: value}) == 1


def columns_of(condition: Condition, row: models.Model, *, now: datetime) -> list[Column]:
    """Those that the condition is about, in the row and in the rows that it refers to."""
    return [_column(row, path, now) for path in sorted(condition.fields)]


def _column(row: models.Model, path: str, now: datetime) -> Column:
    *relations, name = path.split("__")
    field: Any
    for relation in relations:
        row = getattr(row, relation)
    field = row._meta.get_field(name)
    stored = getattr(row, field.attname)
    others = tuple(value for value in _values(field, now) if value != stored)
    return Column(row, field.attname, stored, others)


def _values(field: Any, now: datetime) -> Iterator[Any]:
    """Every state; both answers; before, at and after the instant; nothing."""
    if field.null:
        yield None
    if field.choices:
        yield from (value for value, _ in field.flatchoices)
        if field.blank:
            yield ""
    elif isinstance(field, models.BooleanField):
        yield from (True, False)
    elif isinstance(field, models.DateTimeField):
        yield from (now + timedelta(seconds=each) for each in (-1, 0, 1))
    elif not field.is_relation:  # for a relation there is the row that is referred to, and nothing
        raise LookupError(f"{field}: say which of its values a combination needs")


def stored_in_turn(columns: list[Column], *, at_once: int) -> Iterator[dict[str, Any]]:
    """Store what is there and every combination that differs from it in ``at_once`` columns or
    fewer, one after the other; each time it is said what differs, and afterwards nothing does.
    """
    for number in range(at_once + 1):
        for changed in combinations(columns, number):
            for values in product(*(column.others for column in changed)):
                differing = list(zip(changed, values, strict=True))
                for column, value in differing:
                    column.store(value)
                yield {f"{type(each.row).__name__}.{each.name}": value for each, value in differing}
            for column in changed:
                column.store(column.stored)
