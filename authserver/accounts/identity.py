"""Who is signed in, or about to be, for every page: template context."""

from dataclasses import dataclass

from allauth.account.internal.stagekit import unstash_login
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from authserver.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``name`` is empty until the sign-in is complete: a password alone is told no name."""

    username: str
    name: str = ""


def on_page(request: HttpRequest) -> dict[str, object]:
    """The context processor; nothing is looked up unless a template asks."""
    return {"identity": SimpleLazyObject(lambda: _identity(request))}


def _identity(request: HttpRequest) -> Identity | None:
    user = request.user
    if isinstance(user, User):
        return Identity(username=user.username, name=user.display_name)
    half_done = unstash_login(request, peek=True)
    found = half_done.user if half_done else None
    return Identity(username=found.username) if isinstance(found, User) else None
