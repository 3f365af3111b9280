"""What a session proved about a person: acr, amr and auth_time, read from allauth's records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from authserver.accounts.models import User
from authserver.requirements import requirement

ACR_TWO_FACTORS = "urn:openbanking:psd2:sca"
ACR_ONE_FACTOR = "urn:openbanking:psd2:ca"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Who is signed in, and how. ``amr`` are values of RFC 8176.

    ``auth_time`` is the older of the two proofs: a second factor shown again does not make the
    password fresh.
    """

    user: User
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime


@requirement("OIDCC-2")
def of_request(request: HttpRequest) -> Authentication | None:
    """What this session proved; None if nobody is signed in, or if nothing says how."""
    user = request.user
    if not isinstance(user, User):
        return None
    records = get_authentication_records(request, user)
    known = _latest(records, "password")
    held = _latest(records, "mfa")
    if known is None:
        return None
    if held is None:
        return Authentication(user=user, acr=ACR_ONE_FACTOR, amr=("pwd",), auth_time=known)
    return Authentication(
        user=user, acr=ACR_TWO_FACTORS, amr=("pwd", "otp", "mfa"), auth_time=min(known, held)
    )


def signed_in(request: HttpRequest) -> Authentication:
    """The same, where somebody must be: a view behind a guard."""
    found = of_request(request)
    assert found is not None
    return found


def strongest_proof_at(request: HttpRequest) -> datetime | None:
    """When the strongest factor that the person has was last shown in this session."""
    user = request.user
    if not isinstance(user, User):
        return None
    factor = "mfa" if has_second_factor(user) else "password"
    return _latest(get_authentication_records(request, user), factor)


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def _latest(records: Sequence[Mapping[str, Any]], method: str) -> datetime | None:
    instants = [record["at"] for record in records if record["method"] == method]
    return datetime.fromtimestamp(max(instants), UTC) if instants else None
