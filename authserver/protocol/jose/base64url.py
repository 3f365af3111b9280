"""base64url without padding (RFC 7515, 2): one byte string has one spelling."""

from base64 import b64decode, urlsafe_b64encode

from authserver.protocol.jose.faults import BadJOSE


def encode(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the octets, or raise BadJOSE.

    Padding, the other alphabet, white space and stray bits at the end are refused: each would
    give one signed token several spellings.
    """
    try:
        octets = b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except ValueError:
        octets = b""
    if encode(octets) != text:
        raise BadJOSE("not base64url")
    return octets
