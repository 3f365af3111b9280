"""Secrets of the settings: none is short, guessable or one that is published somewhere."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST = 50  # characters, as Django's own check has it
FEWEST_DIFFERENT = 12  # random text has far more; a word that is repeated has fewer
PUBLISHED = ("django-insecure-", "test-")  # what startproject writes, what our own tests use
FERNET_OCTETS = 32


@register(Tags.security)
def secrets_are_strong(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Whoever knows one of them signs sessions, or foretells nonces."""
    secrets_by_name: dict[str, Iterable[str]] = {
        "AUTHSERVER_SECRET_KEY": [settings.SECRET_KEY],
        "AUTHSERVER_SECRET_KEY_FALLBACKS": settings.SECRET_KEY_FALLBACKS,
        "AUTHSERVER_DERIVATION_KEY": {settings.DERIVATION_KEY} - {settings.SECRET_KEY},
    }
    return [
        Error(
            f"{name} is short, guessable or published",
            hint="Make one of 64 random bytes: openssl rand -base64 64 | tr -d '\\n'",
            id="authserver.E004",
        )
        for name, secrets in secrets_by_name.items()
        if any(len(secret) < SHORTEST or _is_guessable(secret) for secret in secrets)
    ]


@register(Tags.security)
def encryption_keys_are_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    keys = settings.KEY_ENCRYPTION_KEYS
    if keys and all(map(_is_encryption_key, keys)):
        return []
    return [
        Error(
            "AUTHSERVER_KEY_ENCRYPTION_KEYS has no key, or one that is no random Fernet key",
            hint="Make one of 32 random bytes: openssl rand -base64 32 | tr '+/' '-_'",
            id="authserver.E008",
        )
    ]


def _is_encryption_key(text: str) -> bool:
    try:
        key = base64.b64decode(text, altchars="-_", validate=True)
    except (ValueError, binascii.Error):
        return False
    return len(key) == FERNET_OCTETS and not _is_guessable(key.decode("latin-1"))


def _is_guessable(secret: str) -> bool:
    return secret.startswith(PUBLISHED) or len(set(secret)) < FEWEST_DIFFERENT
