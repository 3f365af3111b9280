"""What an operator can do with a row, by a button of its own: asked first, then done by POST."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """A verb cannot be done; the sentence tells the operator why."""


def always(row: Any) -> bool:
    return True


def nothing(row: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Verb:
    """``run(row, by)`` does it and returns what the operator is told, or raises Refused.

    ``consequences(row)`` are sentences on what it lets in or breaks, shown before it is done; a
    verb that does not ask first changes nothing that anybody could miss. ``permission`` is the
    model permission that it needs.
    """

    name: str
    label: str
    run: Callable[[Any, str], str]
    offered: Callable[[Any], bool] = always
    consequences: Callable[[Any], Sequence[str]] = nothing
    permission: str = "change"
    dangerous: bool = False
    asks_first: bool = True
