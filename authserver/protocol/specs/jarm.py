"""Signed authorization responses (JWT Secured Authorization Response Mode, 2.1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from authserver.protocol.requirements import requirement
from authserver.protocol.specs import numeric_date

LIFETIME = timedelta(minutes=10)  # JARM-2.1: at most, recommended


@requirement("JARM-2.1", "OAuth2-iss-2")
def claims(
    *,
    issuer: str,
    client_id: str,
    parameters: Mapping[str, str],
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> dict[str, Any]:
    """Return the claims of a response that carries these parameters, an error's too."""
    return {
        **parameters,
        "iss": issuer,
        "aud": client_id,
        "exp": numeric_date.written(now + lifetime),
    }
