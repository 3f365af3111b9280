"""Binding a token to the key that its client presents now: certificate or DPoP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from authserver.protocol.errors import InvalidDPoPProof, InvalidRequest, UseDPoPNonce
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import dpop, mtls
from authserver.replay.models import UsedProof
from authserver.web.back_channel_request import BackChannelRequest
from clients.models import Client

NONCE_LIFETIME = timedelta(minutes=5)  # our choice; DPOP-8 leaves it to the server


@dataclass(frozen=True, slots=True)
class Binding:
    """What goes into the token (``cnf``, RFC 7800) and what the answer calls its type.

    ``certificate`` is the one that the token is bound to, None where it is bound by DPoP or not.
    """

    cnf: Mapping[str, str]
    token_type: str
    certificate: mtls.Certificate | None = None


@requirement(
    "FAPI2-SP-FINAL-5.3.2.1-5", "FAPI2-SP-FINAL-5.3.2.1-4", "MTLS-3", "CBUAE-2.1.1", "FFI-10"
)
def of(http: BackChannelRequest, client: Client, *, now: datetime) -> Binding:
    """Return the binding that the client's registration demands, or raise."""
    rules = client.ecosystem.rules
    if client.dpop_bound_access_tokens and "dpop" in rules.sender_constraints:
        return Binding(cnf={"jkt": proven_key(http, client, now=now)}, token_type="DPoP")
    bound = client.tls_client_certificate_bound_access_tokens
    if not (bound or rules.sender_constraint_required):
        return Binding(cnf={}, token_type="Bearer")
    if http.certificate is None:
        raise InvalidRequest("a client certificate is required to bind the token")
    certificate = mtls.parse_der(http.certificate)
    return Binding(
        cnf={"x5t#S256": certificate.thumbprint}, token_type="Bearer", certificate=certificate
    )


@requirement("DPOP-4.3", "DPOP-5", "RFC9449-5", "FAPI2-SP-FINAL-5.3.2.1-5")
def proven_key(http: BackChannelRequest, client: Client, *, now: datetime) -> str:
    """Return the thumbprint of the key that a fresh, unused DPoP proof shows, or raise."""
    if http.dpop_proof is None:
        raise InvalidDPoPProof("a DPoP proof is required")
    proof = verified_proof(http, client, now=now)
    if not UsedProof.objects.consume(
        purpose="dpop", owner=proof.jkt, jti=proof.jti, expires_at=proof.expires_at
    ):
        raise InvalidDPoPProof("the DPoP proof was used before", clause="DPOP-11.1")
    return proof.jkt


def verified_proof(
    http: BackChannelRequest, client: Client, *, now: datetime
) -> dpop.VerifiedProof:
    rules = client.ecosystem.rules
    return dpop.verify(
        http.dpop_proof or "",
        method=http.method,
        urls=http.urls,
        access_token=None,
        algorithms=rules.signing_algorithms,
        clock_skew=rules.clock_skew,
        now=now,
    )


@requirement("DPOP-8")
def require_nonce(http: BackChannelRequest, client: Client, *, now: datetime) -> None:
    """Where the ecosystem wants nonces: the proof carries a fresh one of ours, or UseDPoPNonce.

    Asked before any jti is used up, so that the client may send the same assertion again.
    """
    if not client.ecosystem.dpop_nonce_required or http.dpop_proof is None:
        return
    proof = verified_proof(http, client, now=now)
    key = settings.DERIVATION_KEY.encode()
    if not dpop.nonce_is_fresh(
        proof.nonce, key, now=now, lifetime=NONCE_LIFETIME, holder=client.client_id
    ):
        raise UseDPoPNonce(dpop.make_nonce(key, now=now, holder=client.client_id))
