"""A one-time code is used once, by one of any number of callers (RFC 6238, 5.2).

The step of the last accepted code is kept with the authenticator, and only a later one is
accepted: a code that somebody read over a shoulder is dead although its time has not passed.
"""

import unicodedata

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from authserver.accounts.allauth_internals import (
    RecoveryCodes,
    compare_user_code,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from authserver.accounts.models import User

LAST_STEP = "last_step"


def in_ascii_digits(typed: str) -> str:
    """The code, whatever digits the person's keyboard has (an Arabic one has its own)."""
    return "".join(str(unicodedata.digit(character, character)) for character in typed)


def step_of(code: str, *, secret: str) -> int | None:
    """The time step that the code is of, within the tolerance around now; None for no match."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def redeem(code: str, *, user: User) -> Authenticator | None:
    """Use the code up and return the authenticator that it is of; None if it proves nothing.

    The row is locked, so that of two submissions of one code the second sees the first.
    """
    locked = Authenticator.objects.select_for_update().filter(user=user).order_by("-type")
    authenticators: list[Authenticator] = list(locked)
    for authenticator in authenticators:
        if authenticator.type == Authenticator.Type.TOTP:
            accepted = _redeem_totp(code, authenticator)
        else:
            accepted = RecoveryCodes(authenticator).validate_code(code)
        if accepted:
            return authenticator
    return None


def _redeem_totp(code: str, authenticator: Authenticator) -> bool:
    step = step_of(code, secret=get_adapter().decrypt(authenticator.data["secret"]))
    if step is None or step <= authenticator.data.get(LAST_STEP, 0):
        return False
    authenticator.data[LAST_STEP] = step
    authenticator.save(update_fields=["data"])
    return True
