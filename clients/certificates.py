"""Certificates of clients: read where they are registered, and held to the ecosystem's CAs."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from authserver.ecosystems import revocation
from authserver.ecosystems.models import Ecosystem, TrustAnchor
from authserver.ecosystems.revocation import refusing_authorities
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import mtls
from authserver.storage.copies import kept_with
from clients.credentials import ClientCertificate

if TYPE_CHECKING:
    from clients.models import Client


@requirement("FFI-2", "PRODUCT-1")
def read_pem(
    text: str, *, now: datetime, anchors: mtls.TrustAnchors | None = None
) -> mtls.Certificate:
    """Return the one client certificate in the text, or raise BadCertificate with a sentence.

    With ``anchors`` it must be one that these CAs issued for clients. Without, it is a self-signed
    one, worth no more than its key: nobody checks what else it says.
    """
    certificate = mtls.parse_pem(text)
    mtls.require_readable_names(certificate)
    if anchors is None:
        mtls.require_validity(certificate, now=now)
        mtls.require_strength(certificate)
    else:
        mtls.verify_trust(certificate, anchors=anchors, now=now)
    return certificate


@case("AD-20", "MT-09")
@requirement("FFI-2")
def read_certificate(client: "Client", *, pem: str, now: datetime) -> mtls.Certificate:
    """Return what stands in the PEM text, or raise BadCertificate: it cannot be registered."""
    is_self_signed = client.token_endpoint_auth_method == "self_signed_tls_client_auth"
    anchors = None if is_self_signed else anchors_of(client.participant.ecosystem)
    certificate = read_pem(pem, now=now, anchors=anchors)
    revocation.require_not_revoked(certificate, client.participant.ecosystem, now=now)
    require_one_owner(certificate.thumbprint, client)
    return certificate


@case("AD-20")
@requirement("FFI-3")
def require_one_owner(thumbprint: str, client: "Client") -> None:
    """Two participants with one certificate would share a private key: one of them stole it."""
    known = ClientCertificate.objects.filter(
        thumbprint=thumbprint, client__ecosystem=client.participant.ecosystem
    )
    if known.exclude(client__participant=client.participant).exists():
        raise mtls.BadCertificate("This certificate belongs to another participant.")
    if (same := known.filter(client=client).first()) is not None:
        raise mtls.BadCertificate(
            "This certificate is registered already."
            if ClientCertificate.UNREVOKED.holds(same)
            else "This certificate was revoked: the client needs a new one."
        )


@requirement("FFI-2")
def anchors_of(ecosystem: Ecosystem) -> mtls.TrustAnchors:
    """Return the CAs that the ecosystem trusts: at this moment, or as long as its copy is current.

    Only their names are asked for each time, so that a CA that is taken away is gone at once and
    yet none is parsed twice.
    """
    anchors: mtls.TrustAnchors = kept_with(
        ecosystem, "trust anchors", lambda: _parsed(_names_of_anchors(ecosystem))
    )
    return anchors


def _names_of_anchors(ecosystem: Ecosystem) -> tuple[tuple[str, str, int], ...]:
    anchors = TrustAnchor.objects.filter(ecosystem=ecosystem)
    return tuple(sorted(anchors.values_list("kind", "thumbprint", "pk")))


@lru_cache(maxsize=64)
def _parsed(named: tuple[tuple[str, str, int], ...]) -> mtls.TrustAnchors:
    rows = TrustAnchor.objects.filter(pk__in=[pk for _, _, pk in named])
    anchors = list(rows.values_list("kind", "certificate"))
    return mtls.TrustAnchors.of_pem(
        roots=[pem for kind, pem in anchors if kind == TrustAnchor.Kind.ROOT],
        issuing=[pem for kind, pem in anchors if kind == TrustAnchor.Kind.ISSUING],
    )


@case("MT-09")
def is_revoked(*, client: OuterRef, thumbprint: OuterRef, now: datetime | Combinable) -> Exists:
    """The condition that a registered certificate of the client was revoked, by us or by its CA.

    For a query of what is bound to it: a token has the thumbprint and no certificate to look at.
    """
    by_its_ca = refusing_authorities(
        ecosystem=OuterRef("client__ecosystem"),
        subject=OuterRef("issuer"),
        serial_number=OuterRef("serial_number"),
        now=now,
    )
    registered = ClientCertificate.objects.filter(client=client, thumbprint=thumbprint)
    return Exists(registered.filter(~ClientCertificate.UNREVOKED.q() | Q(by_its_ca)).order_by())
