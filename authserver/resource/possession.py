"""A bound token is worth something only with its key: check ``cnf`` against what was presented."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authserver.protocol.errors import InvalidRequest, InvalidToken
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import dpop, mtls

Consume = Callable[[dpop.VerifiedProof], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What came with a request for a protected resource.

    ``urls`` are the names under which the resource is published, with the path as the caller sent
    it (``specs.request_url.path_as_sent``), not as a server has decoded it; ``certificate`` is DER.
    """

    authorization: str | None
    method: str
    urls: Collection[str]
    certificate: bytes | None = None
    dpop_proof: str | None = None


@case("DP-20")
@requirement("FAPI2-SP-FINAL-5.3.4-2", "RFC6750-2.1", "RFC9110-11.1")
def token_in(presented: Presented) -> tuple[str, str]:
    """Return the scheme in lower case and the token, or raise InvalidToken.

    Only the Authorization header is looked at, and only one, else InvalidRequest: two that
    arrived were joined with a comma, and which of them counts must not be a guess.
    """
    if "," in (presented.authorization or ""):
        raise InvalidRequest("one Authorization header is required", clause="RFC6750-3.1")
    scheme, _, token = (presented.authorization or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() not in ("bearer", "dpop") or not token:
        raise InvalidToken("an access token is required")
    if " " in token or not token.isascii():
        raise InvalidToken("one access token is required")
    return scheme.lower(), token


@requirement("MTLS-3", "DPOP-7.1", "DPOP-7.2", "FAPI2-SP-FINAL-5.3.4-2", "FAPI2-BASE-4.3.3")
def verify_binding(
    cnf: Mapping[str, Any],
    presented: Presented,
    *,
    algorithms: Collection[str],
    clock_skew: timedelta,
    consume: Consume,
    binding_required: bool,
    now: datetime,
) -> None:
    """Return if the presenter holds the key that the token is bound to, or raise InvalidToken.

    ``consume`` stores a proof's jti and says whether it was new.
    """
    scheme, token = token_in(presented)
    if "jkt" in cnf:
        if scheme != "dpop" or presented.dpop_proof is None:
            raise InvalidToken("the token needs a DPoP proof", clause="DPOP-7.1")
        proof = dpop.verify(
            presented.dpop_proof,
            method=presented.method,
            urls=presented.urls,
            access_token=token,
            algorithms=algorithms,
            clock_skew=clock_skew,
            now=now,
        )
        if proof.jkt != cnf["jkt"]:
            raise InvalidToken("the token is bound to another key", clause="DPOP-7.1")
        if not consume(proof):
            raise InvalidToken("the DPoP proof was used before", clause="DPOP-11.1")
    elif "x5t#S256" in cnf:
        if scheme != "bearer" or presented.certificate is None:
            raise InvalidToken("the token needs its client certificate", clause="MTLS-3")
        if mtls.parse_der(presented.certificate).thumbprint != cnf["x5t#S256"]:
            raise InvalidToken("the token is bound to another certificate", clause="MTLS-3")
    elif binding_required:
        raise InvalidToken("the token is bound to no key")
