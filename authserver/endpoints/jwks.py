"""The keys that an ecosystem signs with (RFC 7517): GET /<ecosystem>/jwks."""

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.documents import as_json, published
from authserver.keys.signing import public_jwks
from authserver.protocol.requirements import requirement


@published("application/json")
@requirement("OIDCD-3", "RFC7517-5")
def key_set(ecosystem: Ecosystem) -> bytes:
    return as_json(public_jwks(ecosystem))
