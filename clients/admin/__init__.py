"""The operators' pages of onboarding. The toolkit registers ClientAdmin itself (see settings)."""

from clients.admin.certificates import CertificateAdmin
from clients.admin.clients import ClientAdmin
from clients.admin.participants import ParticipantAdmin
from clients.admin.resource_servers import ResourceServerAdmin

__all__ = ["CertificateAdmin", "ClientAdmin", "ParticipantAdmin", "ResourceServerAdmin"]
