#!/usr/bin/env python
"""Django's command line for the authorization server."""

import base64
import os
import secrets
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line


def only_explains(arguments: Sequence[str]) -> bool:
    """Help, and the plain ``check``: they read no data, store nothing and serve nobody."""
    match arguments:
        case [] | ["check"] | ["help", *_] | ["-h" | "--help"] | [_, "-h" | "--help"]:
            return True
    return False


def stand_ins() -> dict[str, str]:
    """What the settings demand, for one command that ends with this process; keys are random."""
    return {
        "AUTHSERVER_SECRET_KEY": secrets.token_urlsafe(64),
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(
            secrets.token_bytes(32)
        ).decode(),
        "AUTHSERVER_PUBLIC_BASE": "https://localhost",
        "AUTHSERVER_ALLOWED_HOSTS": "localhost",
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    configured = any(name.startswith("AUTHSERVER_") for name in os.environ)
    if not configured and only_explains(sys.argv[1:]):
        os.environ.update(stand_ins())
    execute_from_command_line(sys.argv)
