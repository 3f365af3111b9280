"""What an id_token or userinfo says of a person."""

from collections.abc import Collection

from authserver.accounts.models import User
from authserver.protocol.requirements import requirement


@requirement("OIDCC-5.4", "OIDCC-5.5", "OIDCC-5.1", "OIDCC-5.6.2")
def values(user: User, names: Collection[str]) -> dict[str, str]:
    """The claims of these names that the person has; never an empty one."""
    known = {
        "name": user.display_name or user.get_full_name(),
        "given_name": user.first_name,
        "family_name": user.last_name,
        "preferred_username": user.username,
        "email": user.email,
    }
    return {name: value for name, value in known.items() if name in names and value}
