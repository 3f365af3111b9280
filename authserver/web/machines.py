"""Which views are for machines: each says so itself, and which paths are theirs follows from it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve

View = Callable[..., Any]
PATHS = 1_024  # our choice; each ecosystem has a dozen


def for_machines(view: View) -> View:
    """Say of a view that it needs neither session nor language: it is called by the short cut.

    No cookie is looked at for it, so no form of another site can use one.
    """
    view.for_machines = True  # type: ignore[attr-defined]
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def is_for_machines(path: str) -> bool:
    return match_for_machines(path) is not None


def is_beneath_one(path: str) -> bool:
    """True if the path begins with that of a machine's view, as a misspelt one does."""
    return is_for_machines("/".join(path.split("/")[:3]))


def match_for_machines(path: str) -> ResolverMatch | None:
    """The view of a path and its arguments, if it is a machine's."""
    return _match(path, settings.ROOT_URLCONF)


@lru_cache(maxsize=PATHS)
def _match(path: str, urls: str) -> ResolverMatch | None:
    try:
        match = resolve(path, urls)
    except Resolver404:
        return None
    return match if getattr(match.func, "for_machines", False) else None
