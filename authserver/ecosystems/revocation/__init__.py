"""What the CAs of an ecosystem took back: the lists that are kept, and who stands on them."""

from authserver.ecosystems.revocation.standing import (
    hold_to_its_own_ca,
    hold_to_standing,
    is_checked,
    refusing_authorities,
)

__all__ = ["hold_to_its_own_ca", "hold_to_standing", "is_checked", "refusing_authorities"]
