"""What an id_token or userinfo says of a person, and what has to be asked for to hear it."""

from collections.abc import Collection, Mapping
from typing import Any

from authserver.accounts.models import User
from authserver.requirements import requirement

BY_SCOPE = {
    "profile": ("name", "given_name", "family_name", "preferred_username"),
    "email": ("email",),
}
SUPPORTED = tuple(name for names in BY_SCOPE.values() for name in names)


@requirement("OIDCC-5.4", "OIDCC-5.5", "OIDCC-5.1", "OIDCC-5.6.2")
def released(user: User, *, scope: Collection[str], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that a scope covers or the claims parameter names; never an empty one."""
    known = {
        "name": user.display_name or user.get_full_name(),
        "given_name": user.first_name,
        "family_name": user.last_name,
        "preferred_username": user.username,
        "email": user.email,
    }
    wanted = {name for each in scope for name in BY_SCOPE.get(each, ())} | set(asked)
    return {name: value for name, value in known.items() if name in wanted and value}
