"""Secrets at rest: Fernet with the deployment's keys, newest first, so that they can rotate."""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from authserver.protocol.requirements import case


class SecretElsewhere(Exception):
    """The secret was not given for this destination, or cannot be read."""


@lru_cache(maxsize=1)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.KEY_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the clear text, or raise cryptography's InvalidToken."""
    return _fernet(tuple(settings.KEY_ENCRYPTION_KEYS)).decrypt(text.encode()).decode()


@case("AD-12")
def sealed(secret: str, *, destination: str) -> str:
    """Encrypt a secret together with the address that it may be sent to."""
    return encrypt(json.dumps([destination, secret]))


@case("AD-12")
def unsealed(text: str, *, destination: str) -> str:
    """Return the secret if it was sealed for this address, else raise SecretElsewhere."""
    try:
        given_for, secret = json.loads(decrypt(text))
    except (InvalidToken, ValueError, TypeError):
        raise SecretElsewhere from None
    if given_for != destination or not isinstance(secret, str):
        raise SecretElsewhere
    return secret
