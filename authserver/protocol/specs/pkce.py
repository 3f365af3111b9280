"""Proof Key for Code Exchange with S256 (RFC 7636)."""

import hashlib
import hmac
import re

from authserver.protocol.errors import InvalidGrant
from authserver.protocol.jose import base64url
from authserver.protocol.requirements import requirement

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC7636-4.1


@requirement("RFC7636-4.6", "RFC7636-4.1")
def verify(verifier: str | None, challenge: str) -> None:
    """Return if the verifier is the one that the S256 challenge was made of.

    Raises InvalidGrant, for an absent verifier too.
    """
    if not verifier:
        raise InvalidGrant("code_verifier is required")
    if not VERIFIER.fullmatch(verifier):
        raise InvalidGrant(
            "code_verifier must be 43 to 128 unreserved characters", clause="RFC7636-4.1"
        )
    if not hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode()):
        raise InvalidGrant("code_verifier does not match the code_challenge")


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64url.encode(hashlib.sha256(verifier.encode("ascii")).digest())
