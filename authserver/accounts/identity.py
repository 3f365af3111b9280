"""Who is signed in, or about to be, for every page: template context."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from authserver.accounts.allauth_internals import login_under_way
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
    login = login_under_way(request)
    person = login.user if login else None
    return Identity(username=person.username) if isinstance(person, User) else None
