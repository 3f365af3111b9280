"""The operators' pages of ecosystems."""

from authserver.ecosystems.admin.ecosystems import EcosystemAdmin
from authserver.ecosystems.admin.revocation_lists import RevocationListAdmin
from authserver.ecosystems.admin.trust_anchors import TrustAnchorAdmin

__all__ = ["EcosystemAdmin", "RevocationListAdmin", "TrustAnchorAdmin"]
