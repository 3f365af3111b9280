"""Whether the keys of the settings open what is stored under them."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from authserver.checks.database import where_there_are_tables
from authserver.encryption import decrypt
from authserver.keys.models import SigningKey

ENOUGH = 20  # of a kind, the newest: a rotation that went wrong shows there first


@register(Tags.security, deploy=True)
@where_there_are_tables
def stored_secrets_open(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With the key of another deployment nothing would, and new secrets would be mixed in."""
    try:
        opened = [_opens(text) for text in _stored()]
    except ValueError:  # the settings hold no keys at all, which another check says
        return []
    if not opened or all(opened):
        return []
    if any(opened):
        return [
            Warning(
                f"AUTHSERVER_KEY_ENCRYPTION_KEYS does not open {opened.count(False)} of the"
                f" {len(opened)} newest secrets in the database",
                hint="Keep an old key behind the new one for as long as anything needs it.",
                id="authserver.W003",
            )
        ]
    return [
        Error(
            "AUTHSERVER_KEY_ENCRYPTION_KEYS opens none of the secrets in the database",
            hint="Put back the key that they were encrypted with, behind the new one.",
            id="authserver.E014",
        )
    ]


def _stored() -> Iterator[str]:
    """Ciphertexts of every kind that ``encryption`` makes."""
    keys = SigningKey.objects.exclude(state=SigningKey.State.WITHDRAWN).order_by("-pk")
    yield from keys.values_list("encrypted_private_key", flat=True)[:ENOUGH]
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP).order_by("-pk")
    yield from (data["secret"] for data in factors.values_list("data", flat=True)[:ENOUGH])


def _opens(text: str) -> bool:
    try:
        decrypt(text)
    except InvalidToken:
        return False
    return True
