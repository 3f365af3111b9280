"""Signing whatever a test wants to have signed, with no opinion on header or claims."""

import json
from typing import Any

from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode


def compact(header: dict[str, Any], claims: Any, key: Any) -> str:
    """A compact JWS over exactly this header and these claims, by the algorithm it names."""
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)]
    signing_input = b".".join(urlsafe_b64encode(part) for part in parts)
    signature = JWSRegistry.algorithms[header["alg"]].sign(signing_input, key)
    return (signing_input + b"." + urlsafe_b64encode(signature)).decode()
