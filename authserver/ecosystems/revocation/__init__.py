"""What the CAs of an ecosystem took back: the lists that are kept, and who stands on them."""

from authserver.ecosystems.revocation.status import (
    is_checked,
    is_required_in,
    refusing_authorities,
    require_its_own_ca,
    require_not_revoked,
)

__all__ = [
    "is_checked",
    "is_required_in",
    "refusing_authorities",
    "require_its_own_ca",
    "require_not_revoked",
]
