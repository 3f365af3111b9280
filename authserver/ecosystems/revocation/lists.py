"""The newest list of a CA: fetched, verified, and kept in place of the one before.

Run by ``manage.py refresh_crls`` and by an operator's button, never by a request of a client.
"""

from dataclasses import dataclass
from datetime import datetime

from authserver import outbound
from authserver.ecosystems.models import RevocationList
from authserver.ecosystems.revocation import actions
from authserver.protocol.requirements import case
from authserver.protocol.specs import mtls
from authserver.protocol.specs.revocation_list import (
    LARGEST,
    BadRevocationList,
    SignedList,
    read,
)

SECONDS = 15.0  # our choice, for LARGEST octets: name, connection and the whole answer
TYPE = "application/pkix-crl"  # RFC 2585, 4.2


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch came to: the number of revoked certificates, or why nothing was kept."""

    revoked: int = 0
    error: str = ""


@case("MT-09", "JW-27")
def fetch_now(revocation_list: RevocationList, *, by: str, now: datetime) -> FetchReport:
    """Fetch the list and keep it if it is good; the one before stays good until its own end."""
    outbound.let_go_of_the_database()
    try:
        octets = outbound.fetch_signed(
            revocation_list.url, accept=TYPE, max_bytes=LARGEST, seconds=SECONDS
        )
        return keep(revocation_list, octets, by=by, now=now)
    except outbound.OutboundError as fault:
        reason = fault.reason
    except BadRevocationList as fault:
        reason = fault.sentence
    actions.note_crl_failure(revocation_list, reason, by=by)
    return FetchReport(error=reason)


def keep(revocation_list: RevocationList, octets: bytes, *, by: str, now: datetime) -> FetchReport:
    """Verify the list and keep it, or raise BadRevocationList."""
    signed = read_for(revocation_list, octets, now=now)
    actions.store_crl(revocation_list, signed, by=by, now=now)
    return FetchReport(revoked=len(signed.revoked))


def read_for(revocation_list: RevocationList, octets: bytes, *, now: datetime) -> SignedList:
    """Read a list of the CA that this row is for, or raise BadRevocationList."""
    return read(octets, issuer=mtls.parse_pem(revocation_list.anchor.certificate), now=now)
