"""A CA that publishes its revocation list; the host answers what a test wants."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command

from authserver.ecosystems.models import Ecosystem, RevocationList
from authserver.outbound import OutboundError
from authserver.protocol.specs import mtls
from tests.support import certificates

URL = "http://pki.example.com/issuing.crl"


@dataclass
class CA:
    """``answer`` is what its host sends, ``asked`` are the URLs that were called."""

    answer: Any = field(default_factory=lambda: OutboundError("no connection"))
    asked: list[str] = field(default_factory=list)

    def fetch_signed(self, url: str, **how: Any) -> bytes:
        self.asked.append(url)
        if isinstance(self.answer, OutboundError):
            raise self.answer
        return bytes(self.answer)

    def publishes(self, *revoked: certificates.Issued, **how: Any) -> None:
        serials = [each.certificate.serial_number for each in revoked]
        made = certificates.revocation_list(*serials, **how)
        self.answer = made.public_bytes(Encoding.DER)

    def is_down(self) -> None:
        self.answer = OutboundError("no connection")

    def is_kept(
        self,
        ecosystem: Ecosystem,
        issued: certificates.Issued | None = None,
        *,
        policy: str = "required",
    ) -> RevocationList:
        """Register where the list of this CA of the ecosystem comes from."""
        thumbprint = mtls.parse_pem((issued or certificates.issuing()).pem).thumbprint
        anchor = ecosystem.trust_anchors.get(thumbprint=thumbprint)
        return RevocationList.objects.create(anchor=anchor, url=URL, policy=policy)

    def is_asked(self) -> str:
        """Run the timer's command; return what it complains about."""
        try:
            call_command("refresh_crls", verbosity=0)
        except CommandError as error:
            return str(error)
        return ""
