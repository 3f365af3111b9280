"""private_key_jwt client authentication (RFC 7523, 3; OpenID Connect Core, 9)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InvalidClient
from authserver.protocol.jose import Purpose
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.numeric_date import BadTime, Times

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_NAME = 255  # our choice, for jti and client_id
OF_A_REQUEST = frozenset({"response_type", "redirect_uri", "code_challenge"})


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """``expires_at`` is when the jti may be forgotten: the clock skew is in it."""

    client_id: str
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Unproven:
    """An assertion that was read, and whom it says it is from."""

    client_id: str
    token: jose.Unverified


@requirement("RFC7523-3")
def read(assertion: str) -> Unproven:
    """Return what the assertion says, unverified; or raise InvalidClient."""
    try:
        token = jose.read(assertion, purpose=Purpose.CLIENT_ASSERTION)
    except jose.BadJOSE as fault:
        raise InvalidClient(expected="a signed JWT", seen=str(fault)) from None
    claims = token.claims or {}
    client_id = claims.get("iss")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= LONGEST_NAME:
        raise InvalidClient(expected="iss names the client", seen="no such iss")
    issuer_and_subject_are_the_client(claims, client_id)
    return Unproven(client_id, token)


@requirement("RFC7523-3", "FAPI2-SP-FINAL-5.3.2.1-6", "FAPI2-SP-FINAL-5.4", "FFI-6")
def verify(
    assertion: str | Unproven,
    *,
    client_id: str,
    keys: jose.PublicKeys,
    issuer: str,
    algorithms: Collection[str],
    max_lifetime: timedelta,
    clock_skew: timedelta,
    now: datetime,
) -> VerifiedAssertion:
    """Return what the assertion proves, or raise InvalidClient.

    ``now`` is aware. The skew forgives a sender's clock that is ahead, never an assertion that
    has expired. Using the jti up is the caller's task, and only after this returned: otherwise
    whoever guesses a jti could use it up with a forgery.
    """
    try:
        signed = jose.verify(
            assertion.token if isinstance(assertion, Unproven) else assertion,
            purpose=Purpose.CLIENT_ASSERTION,
            keys=keys,
            algorithms=algorithms,
        )
        times = Times.of(signed.claims)
    except (jose.BadJOSE, BadTime) as fault:
        raise InvalidClient(expected="a JWT signed by the client", seen=str(fault)) from None

    issuer_and_subject_are_the_client(signed.claims, client_id)
    audience_is_the_issuer(signed.claims, issuer)
    assertion_is_no_authorization_request(signed.claims)
    expires_at = expiry_is_near(times, now=now, max_lifetime=max_lifetime, clock_skew=clock_skew)
    iat_is_recent(times, now=now, max_lifetime=max_lifetime, clock_skew=clock_skew)
    return VerifiedAssertion(
        client_id=client_id,
        jti=jti_is_sent(signed.claims),
        expires_at=datetime.fromtimestamp(expires_at, UTC) + clock_skew,
    )


@requirement("RFC7523-3")
def issuer_and_subject_are_the_client(claims: Mapping[str, Any], client_id: str) -> None:
    for name in ("iss", "sub"):
        if claims.get(name) != client_id:
            seen = "another value" if name in claims else "absent"
            raise InvalidClient(expected=f"{name} is the client_id", seen=seen)


@requirement("FAPI2-SP-FINAL-5.3.2.1-8", "CBUAE-2.1.10b")
def audience_is_the_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """A URL of ours, or a list, could come from a server that had an assertion made for us."""
    if claims.get("aud") != issuer:
        seen = f"a {type(claims['aud']).__name__}" if "aud" in claims else "absent"
        raise InvalidClient(expected="aud is our issuer, a string", seen=seen)


@requirement("RFC8725-3.12")
def assertion_is_no_authorization_request(claims: Mapping[str, Any]) -> None:
    """Both are signed by the client and may lack a typ: one must not pass as the other."""
    if not OF_A_REQUEST.isdisjoint(claims):
        raise InvalidClient(expected="an assertion", seen="a request object")


@requirement("RFC7519-4.1.4")
def expiry_is_near(
    times: Times, *, now: datetime, max_lifetime: timedelta, clock_skew: timedelta
) -> float:
    """Return exp. A long life would fill the memory of used jti."""
    if times.exp is None:
        raise InvalidClient(expected="exp", seen="absent")
    left = times.exp - now.timestamp()
    if left <= 0:
        raise InvalidClient(expected="exp in the future", seen=f"{-left:.0f} s ago")
    if left > (max_lifetime + clock_skew).total_seconds():
        expected = f"exp at most {max_lifetime.total_seconds():.0f} s ahead"
        raise InvalidClient(expected=expected, seen=f"{left:.0f} s")
    return times.exp


@requirement(
    "RFC7519-4.1.5", "RFC7519-4.1.6", "FAPI2-SP-FINAL-5.3.2.1-13", "FAPI2-SP-FINAL-5.3.2.1"
)
def iat_is_recent(
    times: Times, *, now: datetime, max_lifetime: timedelta, clock_skew: timedelta
) -> None:
    skew = clock_skew.total_seconds()
    for name, value in (("nbf", times.nbf), ("iat", times.iat)):
        if value is not None and value - now.timestamp() > skew:
            raise InvalidClient(
                expected=f"{name} at most {skew:.0f} s ahead",
                seen=f"{value - now.timestamp():.0f} s",
            )
    if times.iat is not None and now.timestamp() - times.iat > max_lifetime.total_seconds() + skew:
        raise InvalidClient(
            expected=f"iat at most {max_lifetime.total_seconds():.0f} s ago",
            seen=f"{now.timestamp() - times.iat:.0f} s",
        )


@requirement("RFC7519-4.1.7")
def jti_is_sent(claims: Mapping[str, Any]) -> str:
    """Return the jti."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_NAME:
        raise InvalidClient(
            expected=f"jti is a string of 1 to {LONGEST_NAME} characters",
            seen="another value" if "jti" in claims else "absent",
        )
    return jti
