"""What a password is, and how it is hashed: prepared by RFC 8265, in the lane, by Argon2id.

The same password is typed in many ways: an accent as one character or as two, a space of another
width. OpaqueString (RFC 8265, 4.2) makes one string of them, and says which characters none may
have. It is applied here, where every password passes that is stored or compared, whatever door it
came through. A hash that was made of an unprepared string fits only what preparing leaves alone.
"""

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from precis_i18n import get_profile

from authserver.accounts.password_lane import place
from authserver.protocol.requirements import requirement

NOBODYS = "nobody's password"


@requirement("RFC8265-4.2")
def prepared(typed: str) -> str:
    """The one string that stands for this password; ValidationError if it can be none.

    The error has neither the password nor the character in it.
    """
    opaque = _opaque_string(typed)
    if opaque is None:
        raise ValidationError(
            _("A password cannot have invisible characters or controls in it. Choose another."),
            code="password_characters",
        )
    return opaque


def _opaque_string(typed: str) -> str | None:
    try:
        return str(get_profile("OpaqueString").enforce(typed))
    except UnicodeEncodeError:
        return None


class PreparedHasher:
    """For hashers: what is hashed is the prepared password, and it is hashed in the lane."""

    def encode(self, password: str, salt: str, *args: Any) -> str:
        with place():
            encoded: str = super().encode(prepared(password), salt, *args)  # type: ignore[misc]
            return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """What can be no password fits none, and takes as long."""
        opaque = _opaque_string(password)
        with place():
            fits: bool = super().verify(  # type: ignore[misc]
                NOBODYS if opaque is None else opaque, encoded
            )
            return fits and opaque is not None


class Argon2Hasher(PreparedHasher, Argon2PasswordHasher):
    """Argon2id with what OWASP asks for at least: 19 MiB, two passes, one thread.

    More would not stop who guesses here, as the limits do, and would let fewer people sign in.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1


class PBKDF2Hasher(PreparedHasher, PBKDF2PasswordHasher):
    """For hashes from elsewhere, until their owner signs in."""


class OpaqueString:
    """A validator of new passwords, for the doors that have no form: Django's own commands."""

    def validate(self, password: str, user: Any = None) -> None:
        prepared(password)

    def get_help_text(self) -> str:
        return ""
