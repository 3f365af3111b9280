"""How many of some rows are alive, told to an operator: among the newest, where there are many."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from authserver.backoffice.newest import newest_of


@dataclass(frozen=True)
class Counted:
    """``number`` of ``among`` rows, which are all, or the newest of more."""

    number: int
    among: int
    are_all: bool

    def __str__(self) -> str:
        if self.are_all:
            return str(self.number)
        return f"{self.number} of the newest {self.among:,}, and there are older ones"


def counted(alive: QuerySet[Any], leads: Iterable[QuerySet[Any]], *, by: str) -> Counted:
    """Those of ``alive`` among what the indexes lead to, as ``newest_of`` reads it."""
    newest = newest_of(leads, by=by)
    number = alive.filter(pk__in=newest.keys).count()
    return Counted(number, len(newest.keys), newest.beyond is None)
