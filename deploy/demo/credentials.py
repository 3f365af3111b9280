"""The demo's secrets, made once and kept: the server's keys, people's passwords, TOTP."""

import base64
import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Any

from deploy.demo.parties import OPERATOR, PEOPLE
from deploy.local import secret_values
from deploy.local.private_files import write_private

TOTP_PERIOD = 30  # seconds; RFC 6238's default, and what authenticator apps expect
WORDS = """
    amber anchor basil birch cedar cobalt comet copper coral delta ember falcon fjord garnet
    harbor hazel indigo ivory jasper juniper kestrel lagoon laurel linen maple meadow nectar
    onyx opal orchid pebble pepper quartz raven saffron sierra silver spruce summit thistle
    timber topaz tulip velvet walnut willow winter zephyr
"""


def kept_in(path: Path) -> dict[str, Any]:
    """Return the secrets in the file; what is missing is made, and written first."""
    stored: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        **secret_values.new(),
        **stored,
        "people": {
            username: {"password": _password(), "totp_secret": _totp_secret()}
            for username in (*(person.username for person in PEOPLE), OPERATOR)
        }
        | stored.get("people", {}),
    }
    if made != stored:
        write_private(path, json.dumps(made, indent=2).encode() + b"\n")
    return made


def totp_code(secret: str, *, at: float) -> str:
    """Return the six digits of RFC 6238 for a base32 secret at a moment in epoch seconds."""
    counter = int(at // TOTP_PERIOD).to_bytes(8)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def _password() -> str:
    words = WORDS.split()
    return f"{'-'.join(secrets.choice(words) for _ in range(4))}-{secrets.randbelow(90) + 10}"


def _totp_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()
