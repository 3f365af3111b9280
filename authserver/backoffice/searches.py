"""What a list that grows is searched by: the whole of something that an index leads to.

Parts of words are not looked for: no index leads to them, and millions of rows would be read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Search:
    """``condition(typed)`` tells the rows apart by columns of their own, or is None where what was
    typed cannot be one of these. ``name`` is what operators call it.
    """

    name: str
    condition: Callable[[str], Q | None]


def exactly(name: str, column: str) -> Search:
    return Search(name, lambda typed: Q(**{column: typed}))


def begun(name: str, column: str) -> Search:
    """By a beginning of at least two letters, for a list that is long and not endless."""
    return Search(name, lambda typed: Q(**{f"{column}__begins": typed}) if len(typed) > 1 else None)


def by_uuid(name: str, column: str) -> Search:
    def condition(typed: str) -> Q | None:
        try:
            return Q(**{column: UUID(typed)})
        except ValueError:
            return None

    return Search(name, condition)


def of_row(name: str, column: str, named: Callable[[str], "QuerySet[Any]"]) -> Search:
    """Rows that refer by ``column`` to the one that ``named(typed)`` has, which is read before.

    It is not asked to be the first of several: PostgreSQL would look through all for it.
    """

    def condition(typed: str) -> Q | None:
        keys = list(named(typed).values_list("pk", flat=True))
        return Q(**{column: keys[0]}) if keys else None

    return Search(name, condition)
