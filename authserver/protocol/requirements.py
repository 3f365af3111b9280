"""Marks on functions: the clauses they implement, and the cases of misuse they stand against.

A clause is named as the OpenID conformance suite names it: the same string stands in the code, in
the test that proves it and in the log of the suite, so one search finds all three. A case has a
number of docs/cases.md, in code and tests alike.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from authserver.protocol.clauses import is_case, is_public
from authserver.protocol.errors import OAuthError

P = ParamSpec("P")
R = TypeVar("R")


def requirement(*ids: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say which clauses a function implements.

    An OAuth error that leaves the function without a clause of its own gets the first one, so a
    refusal always names what it enforces. ValueError for what nobody outside could look up.
    """
    if private := [each for each in ids if not is_public(each)]:
        raise ValueError(
            f"nobody outside can look up {', '.join(private)}: the prefix of a clause stands in"
            " protocol/clauses.py, a number of our own is a @case"
        )

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        checked = _checked(function, clause=ids[0])
        checked.requirements = ids  # type: ignore[attr-defined]
        return checked

    return mark


def case(*ids: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say which cases of misuse a function stands against; it stands above ``requirement``.

    No error gets its clause from here: the numbers are ours. ValueError for any other id.
    """
    if others := [each for each in ids if not is_case(each)]:
        raise ValueError(f"no case of the catalogue (is it a requirement?): {', '.join(others)}")

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        is_marked = hasattr(function, "requirements")
        checked = function if is_marked else _checked(function, clause="")
        checked.cases = ids  # type: ignore[attr-defined]
        return checked

    return mark


def _checked(function: Callable[P, R], *, clause: str) -> Callable[P, R]:
    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OAuthError as error:
            error.clause = error.clause or clause
            raise

    return checked
