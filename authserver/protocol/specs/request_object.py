"""Signed authorization requests (RFC 9101; FAPI 2.0 Message Signing, 5.3.1)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InvalidRequestObject
from authserver.protocol.jose import Purpose
from authserver.protocol.jose.purpose import RULES
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.numeric_date import BadTime, Times

LONGEST = RULES[Purpose.REQUEST_OBJECT].longest
NO_CLAUSES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class VerifiedRequestObject:
    """``claims`` are those that say something: an empty string is an absent parameter.

    ``token`` is what the client signed, out of the encryption that it may have come in.
    """

    token: str
    claims: Mapping[str, Any]
    key_thumbprint: str
    expires_at: datetime


@requirement(
    "JAR-6.2",
    "FAPI2-MS-ID1-5.3.1-1",
    "FAPI2-MS-ID1-5.4.2-2",
    "FAPI2-SP-FINAL-5.4",
    "OIDCC-6.3.2",
)
def verify(
    token: str,
    *,
    client_id: str,
    keys: jose.PublicKeys,
    issuer: str,
    algorithms: Collection[str],
    max_lifetime: timedelta,
    max_age: timedelta,
    clock_skew: timedelta,
    now: datetime,
    clauses: Mapping[str, str] = NO_CLAUSES,
) -> VerifiedRequestObject:
    """Return what the client signed, or raise InvalidRequestObject.

    ``max_lifetime`` bounds exp - nbf, ``max_age`` how long ago nbf may be; ``now`` is aware;
    ``clauses`` are those that set ``max_lifetime`` and ``max_age``, by these names, where they are
    not FAPI's own.
    """
    if len(token) > LONGEST:
        raise InvalidRequestObject(
            "the request object is too long",
            expected=f"at most {LONGEST} characters",
            seen=str(len(token)),
        )
    try:
        signed = jose.verify(
            token, purpose=Purpose.REQUEST_OBJECT, keys=keys, algorithms=algorithms
        )
        times = Times.of(signed.claims)
    except jose.WrongType:
        raise InvalidRequestObject(
            "typ of the request object is that of another kind of token", clause="JAR-10.8"
        ) from None
    except jose.BadJOSE as fault:
        raise InvalidRequestObject(
            "the request object is not one that the client signed", seen=str(fault)
        ) from None
    except BadTime as fault:
        raise InvalidRequestObject(
            "exp, nbf and iat of the request object must be dates in numbers",
            clause="RFC7519-2",
            seen=str(fault),
        ) from None

    claims = {name: value for name, value in signed.claims.items() if value != ""}
    issuer_is_the_client(claims, client_id)
    audience_has_the_issuer(claims, issuer)
    request_object_is_no_client_assertion(signed.claims)
    request_object_refers_to_no_other(claims)
    nbf_and_iat_are_not_ahead(times, now=now, clock_skew=clock_skew)
    valid_from = nbf_is_recent(times, now=now, max_age=max_age, clause=clauses.get("max_age", ""))
    expires_at = expiry_is_in_time(
        times,
        valid_from=valid_from,
        now=now,
        max_lifetime=max_lifetime,
        clause=clauses.get("max_lifetime", ""),
    )
    return VerifiedRequestObject(
        token=token,
        claims=claims,
        key_thumbprint=signed.key_thumbprint,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
    )


@requirement("JAR-6.1")
def decrypt(token: str, *, keys: Iterable[jose.PrivateKey]) -> str:
    """Return the signed token inside an encrypted one, or raise InvalidRequestObject."""
    faults = []
    for key in keys:
        try:
            return jose.decrypt_nested(token, key=key)
        except jose.BadJOSE as fault:
            faults.append(str(fault))
    raise InvalidRequestObject(
        "the request object is not encrypted to one of our keys", seen="; ".join(faults)
    )


@requirement("JAR-4")
def issuer_is_the_client(claims: Mapping[str, Any], client_id: str) -> None:
    if claims.get("iss") != client_id:
        raise InvalidRequestObject("iss of the request object must be the client_id")
    if claims.get("client_id", client_id) != client_id:
        raise InvalidRequestObject("client_id of the request object is another client")


@requirement("JAR-4", "RFC7519-4.1.3", "CBUAE-2.1.10")
def audience_has_the_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """Unlike a client assertion, a request object may name others beside us."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(each, str) for each in named) or issuer not in named:
        raise InvalidRequestObject("aud of the request object must be our issuer or contain it")


@requirement("JAR-10.8")
def request_object_is_no_client_assertion(claims: Mapping[str, Any]) -> None:
    """Both are signed by the client and may lack a typ: one must not pass as the other."""
    if "sub" in claims:
        raise InvalidRequestObject("sub must not be in a request object")


@requirement("JAR-4")
def request_object_refers_to_no_other(claims: Mapping[str, Any]) -> None:
    if not {"request", "request_uri"}.isdisjoint(claims):
        raise InvalidRequestObject("request and request_uri must not be in a request object")


@requirement("RFC7519-4.1.5", "FAPI2-SP-FINAL-5.3.2.1-13", "FAPI2-SP-FINAL-5.3.2.1")
def nbf_and_iat_are_not_ahead(times: Times, *, now: datetime, clock_skew: timedelta) -> None:
    latest = (now + clock_skew).timestamp()
    if any(value is not None and value > latest for value in (times.nbf, times.iat)):
        raise InvalidRequestObject("the request object is not valid yet")


@requirement("FAPI2-MS-ID1-5.3.1-3")
def nbf_is_recent(times: Times, *, now: datetime, max_age: timedelta, clause: str = "") -> float:
    """Return nbf."""
    if times.nbf is None:
        raise InvalidRequestObject("nbf is required in a request object")
    if times.nbf < (now - max_age).timestamp():
        raise InvalidRequestObject(
            "nbf of the request object is too long ago",
            clause=clause,
            expected=f"at most {max_age.total_seconds():.0f} s",
            seen=f"{now.timestamp() - times.nbf:.0f} s",
        )
    return times.nbf


@requirement("FAPI2-MS-ID1-5.3.1-4", "RFC7519-4.1.4")
def expiry_is_in_time(
    times: Times, *, valid_from: float, now: datetime, max_lifetime: timedelta, clause: str = ""
) -> float:
    """Return exp."""
    if times.exp is None:
        raise InvalidRequestObject("exp is required in a request object")
    if times.exp <= now.timestamp():
        raise InvalidRequestObject("the request object has expired", clause="RFC7519-4.1.4")
    if times.exp - valid_from > max_lifetime.total_seconds():
        raise InvalidRequestObject(
            "exp of the request object is too long after nbf",
            clause=clause,
            expected=f"at most {max_lifetime.total_seconds():.0f} s",
        )
    return times.exp
