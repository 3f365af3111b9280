"""Secrets at rest: Fernet with the deployment's keys, newest first, so that they can rotate."""

from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=1)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.KEY_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the clear text, or raise cryptography's InvalidToken."""
    return _fernet(tuple(settings.KEY_ENCRYPTION_KEYS)).decrypt(text.encode()).decode()
