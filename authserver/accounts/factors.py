"""The second factors that a person has at this moment: what a session's records are held against.

A session remembers by which authenticator (its key) the person proved something. Where that one is
gone, whoever took it away and however, the proof is gone with it.
"""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import OuterRef, QuerySet, Subquery

from authserver.accounts.models import User
from authserver.protocol.requirements import case

TOTP = Authenticator.Type.TOTP
RECOVERY_CODES = Authenticator.Type.RECOVERY_CODES
KINDS = {"totp_held": TOTP, "recovery_codes_held": RECOVERY_CODES}  # one of each for a person


def with_factors(people: QuerySet[User]) -> QuerySet[User]:
    """The people, each with the keys of their authenticators, by the same statement."""
    authenticators = Authenticator.objects.filter(user=OuterRef("pk")).order_by()
    keys: dict[str, Any] = {
        name: Subquery(authenticators.filter(type=kind).values("pk"))
        for name, kind in KINDS.items()
    }
    annotated: QuerySet[User] = people.annotate(**keys)
    return annotated


@case("LG-07")
def authenticators_of(user: User) -> Mapping[int, str]:
    """Key to kind of every authenticator that counts; none without an authenticator app.

    Recovery codes stand in for the app, so they are worth nothing without it.
    """
    if not hasattr(user, "totp_held"):
        user = with_factors(User.objects.filter(pk=user.pk)).get()
    keys = {getattr(user, name): kind for name, kind in KINDS.items()}
    keys.pop(None, None)
    return keys if TOTP in keys.values() else {}
