"""Certificates of clients: read where they are registered, and held to the ecosystem's CAs."""

from datetime import datetime
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from authserver.ecosystems.models import Ecosystem, TrustAnchor
from authserver.ecosystems.revocation import refusing_authorities
from authserver.requirements import requirement
from authserver.specs import mtls
from clients.credentials import ClientCertificate


@requirement("FFI-2", "AUTH0-10")
def read_pem(
    text: str, *, now: datetime, anchors: mtls.TrustAnchors | None = None
) -> mtls.Certificate:
    """Return the one client certificate in the text, or raise BadCertificate with a sentence.

    With ``anchors`` it must be one that these CAs issued for clients. Without, it is a self-signed
    one, worth no more than its key: nobody checks what else it says.
    """
    certificate = mtls.parse_pem(text)
    if anchors is None:
        mtls.hold_to_validity(certificate, now=now)
        mtls.hold_to_strength(certificate)
    else:
        mtls.hold_to_trust(certificate, anchors=anchors, now=now)
    return certificate


@requirement("FFI-2")
def anchors_of(ecosystem: Ecosystem) -> mtls.TrustAnchors:
    """Return the CAs that the ecosystem trusts at this moment.

    Only their names are asked for each time, so that a CA that is taken away is gone at once and
    yet none is parsed twice.
    """
    named = TrustAnchor.objects.filter(ecosystem=ecosystem).values_list("kind", "thumbprint", "pk")
    return _parsed(tuple(sorted(named)))


@lru_cache(maxsize=64)
def _parsed(named: tuple[tuple[str, str, int], ...]) -> mtls.TrustAnchors:
    rows = TrustAnchor.objects.filter(pk__in=[pk for _, _, pk in named])
    found = list(rows.values_list("kind", "certificate"))
    return mtls.TrustAnchors.of_pem(
        roots=[pem for kind, pem in found if kind == TrustAnchor.Kind.ROOT],
        issuing=[pem for kind, pem in found if kind == TrustAnchor.Kind.ISSUING],
    )


@requirement("MT-09")
def is_taken_back(*, client: OuterRef, thumbprint: OuterRef, now: datetime | Combinable) -> Exists:
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
    return Exists(
        registered.filter(Q(state=ClientCertificate.State.REVOKED) | by_its_ca).order_by()
    )
