"""The secrets of a server that is tried on one machine."""

import secrets

from cryptography.fernet import Fernet


def new() -> dict[str, str]:
    """Return fresh ones, by the names under which they are kept."""
    return {
        "secret_key": secrets.token_urlsafe(48),
        "key_encryption_key": Fernet.generate_key().decode(),
        "account_source_token": secrets.token_urlsafe(32),
    }
