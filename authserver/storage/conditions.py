"""What must be true of a row for it to count, written once: for a query, for a lock, for a page.

A model says beside its columns what it takes, for example to be alive::

    ALIVE = Condition(Q(state=State.ACTIVE)) & Participant.ALIVE.under("participant")

Every statement that asks it, and every page that asks it of a row it has at hand, derives from
that: nobody writes the columns a second time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db.models import Field, Model, Q
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Combinable

NOW: Final = object()  # in the place of the instant at which the condition is asked

# What a condition may compare by: the ORM's names, and the same in Python.
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "in": lambda value, among: value in among,
}
FOR_THE_ABSENT = {"exact"}  # as in SQL, NULL is neither greater nor among anything


@dataclass(frozen=True, slots=True)
class Condition:
    """``written`` is of one row and of those that its foreign keys lead to, with NOW for the time.

    It says what is, never what is not: a state that is added later counts for nothing until
    somebody names it.
    """

    written: Q

    def __post_init__(self) -> None:
        for path, _ in _leaves(self.written):
            _split(path)

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.written & other.written)

    def under(self, relation: str) -> Condition:
        """The same, asked of a row whose ``relation`` leads to the one that it is about."""
        return Condition(
            _mapped(self.written, lambda path, value: (f"{relation}{LOOKUP_SEP}{path}", value))
        )

    def if_any(self, relation: str) -> Condition:
        """As ``under``, and true where there is none."""
        return Condition(Q(**{relation: None}) | self.under(relation).written)

    @property
    def fields(self) -> frozenset[str]:
        """The paths of the columns that decide."""
        return frozenset(LOOKUP_SEP.join(_split(path)[0]) for path, _ in _leaves(self.written))

    def q(self, *, now: datetime | Combinable | None = None) -> Q:
        """The condition for a query; ValueError where it needs an instant and is given none."""

        def at(path: str, value: Any) -> tuple[str, Any]:
            return path, _instant(now) if value is NOW else value

        return _mapped(self.written, at)

    def holds(self, row: Model, *, now: datetime | None = None) -> bool:
        """Whether it is true of a row at hand, as the query would find it."""
        return _holds(self.written, row, now)


def _leaves(written: Q) -> list[tuple[str, Any]]:
    """Every (path, value); ValueError where it negates, TypeError where it is no column's value."""
    if written.negated or written.connector not in (Q.AND, Q.OR):
        raise ValueError("a condition says what is, by AND and OR")
    leaves: list[tuple[str, Any]] = []
    for child in written.children:
        if isinstance(child, Q):
            leaves += _leaves(child)
        elif isinstance(child, tuple):
            leaves.append(child)
        else:
            raise TypeError("a condition is made of columns and values")
    return leaves


@cache
def _split(path: str) -> tuple[tuple[str, ...], str]:
    """The names that lead to the column, and the comparison; ValueError for an unknown one."""
    *names, last = path.split(LOOKUP_SEP)
    if last in COMPARISONS and names:
        return tuple(names), last
    if last in Field.get_lookups():
        raise ValueError(f"a condition does not compare by {last}")
    return (*names, last), "exact"


def _mapped(written: Q, change: Callable[[str, Any], tuple[str, Any]]) -> Q:
    children: list[Any] = written.children
    changed = (
        _mapped(child, change) if isinstance(child, Q) else change(*child) for child in children
    )
    return Q(*changed, _connector=written.connector)


def _holds(written: Q, row: Model, now: datetime | None) -> bool:
    children: list[Any] = written.children
    every = all if written.connector == Q.AND else any
    return every(
        _holds(child, row, now) if isinstance(child, Q) else _compares(row, child, now)
        for child in children
    )


def _compares(row: Model, leaf: tuple[str, Any], now: datetime | None) -> bool:
    path, value = leaf
    names, comparison = _split(path)
    stored: Any = row
    for name in names:
        stored = None if stored is None else getattr(stored, name)
    if stored is None and comparison not in FOR_THE_ABSENT:
        return False
    return COMPARISONS[comparison](stored, _instant(now) if value is NOW else value)


def _instant(now: Any) -> Any:
    if now is None:
        raise ValueError("the condition is about an instant")
    return now
