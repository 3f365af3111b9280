"""Proofs of possession in the DPoP header, and the nonces in them (RFC 9449)."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import InvalidDPoPProof
from authserver.protocol.jose import base64url
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.numeric_date import BadTime, Times
from authserver.protocol.specs.request_url import normalised

WINDOW = timedelta(seconds=60)  # our choice: how long a proof can be used
CLOCK_SKEW = timedelta(seconds=10)  # FAPI2-SP-FINAL-5.3.2.1-13: at least
LONGEST_JTI = 255  # our choice
NONCE_TIME_OCTETS = 8
NONCE_TAG_OCTETS = 16
HOSTS_DIFFER_BY = timedelta(seconds=5)  # our choice: between two of our own clocks


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """``jkt`` is the RFC 7638 thumbprint of the key. The (jkt, jti) may be forgotten at
    ``expires_at``; using it up is the caller's task, after the nonce was judged.
    """

    jkt: str
    jti: str
    expires_at: datetime
    nonce: str | None


@requirement("DPOP-4.3", "DPOP-4.1", "FAPI2-SP-FINAL-5.4")
def verify(
    proof: str,
    *,
    method: str,
    urls: Collection[str],
    access_token: str | None,
    algorithms: Collection[str],
    now: datetime,
    window: timedelta = WINDOW,
    clock_skew: timedelta = CLOCK_SKEW,
) -> VerifiedProof:
    """Return what the DPoP header proves, or raise InvalidDPoPProof.

    ``urls`` are all the names of what was called, with escapes as they were sent; ``access_token``
    is the one that came along, or None where none is presented; ``now`` is aware.
    """
    if "," in proof:  # DPOP-4.3-1: servers join repeated headers with a comma
        raise InvalidDPoPProof("more than one DPoP proof was sent")
    try:
        signed = jose.verify_embedded(proof, algorithms=algorithms)
        times = Times.of(signed.claims)
    except jose.WrongType:
        raise InvalidDPoPProof("typ of the DPoP proof must be dpop+jwt") from None
    except jose.BadJOSE as fault:
        raise InvalidDPoPProof("the DPoP proof is not valid", seen=str(fault)) from None
    except BadTime as fault:
        raise InvalidDPoPProof(
            "iat, nbf and exp of the DPoP proof must be dates in numbers",
            clause="RFC7519-2",
            seen=str(fault),
        ) from None

    claims = signed.claims
    htm_and_htu_are_of_this_request(claims, method=method, urls=urls)
    made_at = iat_is_recent(times, now=now, window=window, clock_skew=clock_skew)
    if access_token is not None:
        ath_is_of_this_access_token(claims, access_token)
    return VerifiedProof(
        jkt=signed.key_thumbprint,
        jti=_text(claims, "jti"),
        expires_at=datetime.fromtimestamp(made_at, UTC) + window + clock_skew,
        nonce=_text(claims, "nonce") if "nonce" in claims else None,
    )


@requirement("DPOP-4.3")
def htm_and_htu_are_of_this_request(
    claims: Mapping[str, Any], *, method: str, urls: Collection[str]
) -> None:
    if claims.get("htm") != method:
        raise InvalidDPoPProof("htm of the DPoP proof is not the method of this request")
    called = normalised(claims.get("htu"))
    if called is None or called not in (normalised(url, as_sent=True) for url in urls):
        raise InvalidDPoPProof(
            "htu of the DPoP proof is not the URL of this request",
            seen="" if urls else "a request whose URL is not known",
        )


@requirement("DPOP-4.3", "FAPI2-SP-FINAL-5.3.2.1-13")
def iat_is_recent(times: Times, *, now: datetime, window: timedelta, clock_skew: timedelta) -> int:
    """Return the whole second of iat. The optional nbf and exp can only shorten a proof's life."""
    if times.iat is None:
        raise InvalidDPoPProof("iat of the DPoP proof is missing")
    made_at = floor(times.iat)
    latest = (now + clock_skew).timestamp()
    if not (now - window).timestamp() <= made_at <= latest:
        raise InvalidDPoPProof(
            "iat of the DPoP proof is too far from our clock",
            expected=f"{-window.total_seconds():.0f} to {clock_skew.total_seconds():.0f} s",
            seen=f"{made_at - now.timestamp():.0f} s",
        )
    if times.nbf is not None and times.nbf > latest:
        raise InvalidDPoPProof("the DPoP proof is not valid yet", clause="RFC7519-4.1.5")
    if times.exp is not None and times.exp <= now.timestamp():
        raise InvalidDPoPProof("the DPoP proof has expired", clause="RFC7519-4.1.4")
    return made_at


@requirement("DPOP-4.3", "DPOP-7.1")
def ath_is_of_this_access_token(claims: Mapping[str, Any], access_token: str) -> None:
    ath = _text(claims, "ath").encode()
    if not hmac.compare_digest(ath, access_token_hash(access_token).encode()):
        raise InvalidDPoPProof("ath of the DPoP proof is not the hash of the access token")


def access_token_hash(access_token: str) -> str:
    """The value of ath for an access token (RFC 9449, 4.2)."""
    return base64url.encode(hashlib.sha256(access_token.encode(errors="replace")).digest())


@requirement("DPOP-4.2")
def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_JTI:
        raise InvalidDPoPProof(f"{name} of the DPoP proof must be a short text")
    return value


@requirement("DPOP-8")
def make_nonce(key: bytes, *, now: datetime, holder: str = "") -> str:
    """Return a nonce for the holder, a client_id or the thumbprint of a key.

    Nothing remembers it: every process with the same key knows it again, after a restart too.
    """
    made_at = int(now.timestamp()).to_bytes(NONCE_TIME_OCTETS, "big")
    return base64url.encode(made_at + _nonce_tag(key, made_at, holder))


@requirement("DPOP-8")
def nonce_is_fresh(
    nonce: str | None, key: bytes, *, now: datetime, lifetime: timedelta, holder: str = ""
) -> bool:
    """True if we made the nonce for this holder, not longer ago than the lifetime."""
    try:
        octets = base64url.decode(nonce or "")
    except jose.BadJOSE:
        return False
    made_at, tag = octets[:NONCE_TIME_OCTETS], octets[NONCE_TIME_OCTETS:]
    if not hmac.compare_digest(tag, _nonce_tag(key, made_at, holder)):
        return False
    age = now.timestamp() - int.from_bytes(made_at, "big")
    return -HOSTS_DIFFER_BY.total_seconds() <= age <= lifetime.total_seconds()


def _nonce_tag(key: bytes, made_at: bytes, holder: str) -> bytes:
    message = b"dpop nonce" + made_at + holder.encode()
    return hmac.digest(key, message, "sha256")[:NONCE_TAG_OCTETS]
