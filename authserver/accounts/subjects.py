"""The ``sub`` by which a client knows a person (OpenID Connect Core, 8).

Pairwise by default: two participants cannot compare notes, and no subject is the same in two
ecosystems, since each has a salt of its own. All clients of a participant are one sector.
"""

import hashlib
import hmac
from typing import Protocol

from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.jose.base64url import encode
from authserver.protocol.requirements import requirement


class OfAParticipant(Protocol):
    """All that a subject may depend on of a client."""

    participant_id: int


@requirement("OIDCC-8", "OIDCC-8.1")
def subject(user: User, *, ecosystem: Ecosystem, client: OfAParticipant) -> str:
    """43 characters of base64url: the same for ever, and nobody can compute it without the salt."""
    pairwise = ecosystem.subject_type == Ecosystem.SubjectType.PAIRWISE
    sector = str(client.participant_id) if pairwise else ""
    message = f"{sector}/{user.uid}"
    return encode(hmac.digest(ecosystem.subject_salt.encode(), message.encode(), hashlib.sha256))
