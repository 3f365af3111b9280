"""What a session proved about a person: acr, amr and auth_time, read from allauth's records.

A recovery code is a second factor (something that the person has: a look-up secret, NIST SP
800-63B 5.1.2, used once). RFC 8176 has no value for it: ``otp`` is RFC 4226 and RFC 6238, ``kba``
asks for what one knows, ``mca`` is another channel. So ``amr`` says ``mfa`` and names no method.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from authserver.accounts import factors
from authserver.accounts.allauth_internals import get_authentication_records
from authserver.accounts.models import User
from authserver.protocol.requirements import case, requirement

ACR_TWO_FACTORS = "urn:openbanking:psd2:sca"
ACR_ONE_FACTOR = "urn:openbanking:psd2:ca"
Records = Sequence[Mapping[str, Any]]
AMR_OF_A_SECOND_FACTOR: Mapping[str, tuple[str, ...]] = {
    factors.TOTP: ("otp", "mfa"),
    factors.RECOVERY_CODES: ("mfa",),
}


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


@dataclass(frozen=True, slots=True)
class _Proof:
    """When something was shown, and of which kind it is."""

    at: datetime
    kind: str


@requirement("OIDCC-2", "RFC8176-2")
def of_request(request: HttpRequest) -> Authentication | None:
    """What this session proved; None if nobody is signed in, or if nothing says how."""
    user = request.user
    if not isinstance(user, User):
        return None
    records = get_authentication_records(request, user)
    password = _latest_password(records)
    if password is None:
        return None
    second_factor = _latest_second_factor(records, user)
    if second_factor is None:
        return Authentication(user=user, acr=ACR_ONE_FACTOR, amr=("pwd",), auth_time=password.at)
    return Authentication(
        user=user,
        acr=ACR_TWO_FACTORS,
        amr=("pwd", *AMR_OF_A_SECOND_FACTOR[second_factor.kind]),
        auth_time=min(password.at, second_factor.at),
    )


def signed_in(request: HttpRequest) -> Authentication:
    """The same, where somebody must be: a view behind a guard."""
    authentication = of_request(request)
    assert authentication is not None
    return authentication


def strongest_proof_at(request: HttpRequest) -> datetime | None:
    """When the strongest factor that the person has was last shown in this session."""
    user = request.user
    if not isinstance(user, User):
        return None
    records = get_authentication_records(request, user)
    proof = (
        _latest_second_factor(records, user)
        if has_second_factor(user)
        else _latest_password(records)
    )
    return proof.at if proof else None


def has_second_factor(user: User) -> bool:
    return bool(factors.authenticators_of(user))


def _latest_password(records: Records) -> _Proof | None:
    """The latest password."""
    return _latest(
        _Proof(_instant(each), "pwd") for each in records if each["method"] == "password"
    )


@case("LG-07")
def _latest_second_factor(records: Records, user: User) -> _Proof | None:
    """The latest proof by an authenticator that the person still has."""
    shown = [each for each in records if each["method"] == "mfa"]
    if not shown:
        return None
    kinds = factors.authenticators_of(user)
    return _latest(
        _Proof(_instant(each), kinds[each["id"]]) for each in shown if each.get("id") in kinds
    )


def _latest(proofs: Iterable[_Proof]) -> _Proof | None:
    return max(proofs, key=lambda proof: proof.at, default=None)


def _instant(record: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(record["at"], UTC)
