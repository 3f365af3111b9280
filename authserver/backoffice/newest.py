"""The newest of some rows, by an index: where each stands and its key, and no more than so many."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

# Our choice: an index has them on few pages, and if each is fetched from a disk that is slow too.
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Newest:
    """``keys``, the newest first; ``beyond`` is where the first stands that is not among them."""

    keys: list[Any]
    beyond: Any = None

    @property
    def reach(self) -> tuple[Any, ...]:
        """Less for what goes further back."""
        return (0,) if self.beyond is None else (1, self.beyond)


def newest_of(leads: Iterable[QuerySet[Any]], *, by: str) -> Newest:
    """Of all that the QuerySets have, each of which an index has in the order of ``by``."""
    columns = ("pk",) if by == "pk" else (by, "pk")
    each = [
        lead.order_by(*(f"-{column}" for column in columns)).values_list(*columns)[
            : MOST_LISTED + 1
        ]
        for lead in leads
    ]
    places = list(islice(heapq.merge(*each, reverse=True), MOST_LISTED + 1))
    beyond = places[MOST_LISTED][0] if len(places) > MOST_LISTED else None
    return Newest([place[-1] for place in places[:MOST_LISTED]], beyond)
