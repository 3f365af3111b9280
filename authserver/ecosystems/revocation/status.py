"""Does its CA still stand by a certificate? (RFC 5280, 6.3)

Asked of the rows that the last good list left behind, in one statement. No list is fetched or
parsed here: a CA's host that is away costs no request anything until its list is out of date.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from authserver.ecosystems.models import (
    Ecosystem,
    RevocationList,
    RevokedCertificate,
    TrustAnchor,
)
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import mtls
from authserver.protocol.specs.revocation_list import distribution_points_of
from authserver.storage.copies import kept_with

REQUIRED = RevocationList.Policy.REQUIRED
LONGEST_CHAIN = 4  # certificates below a root: the leaf and as many CAs as are trusted between
COLUMNS = ("policy", "next_update", "distribution_points", "revoked_authorities")

Named = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One certificate of a chain and, by its thumbprint, a CA whose key signed it.

    ``authority`` is the certificate's own thumbprint where it is a trusted CA itself, else empty.
    """

    issuer: str
    authority: str
    distribution_points: frozenset[str]


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """What is kept of a CA's list; ``lists_the_leaf`` is about the certificate that is asked."""

    policy: str | None
    next_update: datetime | None
    distribution_points: list[str] | None
    revoked_authorities: list[str] | None
    lists_the_leaf: bool


@case("MT-09")
@requirement("RFC5280-6.3.3")
def require_not_revoked(
    certificate: mtls.Certificate, ecosystem: Ecosystem, *, now: datetime
) -> None:
    """Raise BadCertificate if a CA took the certificate, or a CA above it, back.

    Where a list is required and none is in date, nobody can tell: that is a refusal as well.
    What no CA of the ecosystem issued has nobody who could take it back, and passes.
    """
    named, statuses = _statuses(certificate, ecosystem)
    for link in _chain(certificate.der, named):
        status = statuses[link.issuer]
        if status.policy == REQUIRED:
            _require_unlisted(link, status, now=now)


def is_checked(ecosystem: Combinable) -> Exists:
    """The condition that the ecosystem requires a list of any CA; for a query of another row."""
    return Exists(
        RevocationList.objects.filter(anchor__ecosystem=ecosystem, policy=REQUIRED).order_by()
    )


def is_required_in(ecosystem: Ecosystem) -> bool:
    """As ``is_checked``, of an ecosystem at hand."""

    def asked() -> bool:
        lists = RevocationList.objects.filter(anchor__ecosystem=ecosystem, policy=REQUIRED)
        return lists.exists()

    return kept_with(ecosystem, "a list is required", asked)


@case("MT-09")
@requirement("RFC5280-6.3.3")
def refusing_authorities(
    *, ecosystem: OuterRef, subject: OuterRef, serial_number: OuterRef, now: datetime | Combinable
) -> Exists:
    """The condition that a certificate, known by issuer and serial number, is refused.

    Its CA has listed it or has no list in date, or the CA itself is listed by one above it.
    """
    listed = RevokedCertificate.objects.filter(
        revocation_list=OuterRef("revocation_list"), serial_number=OuterRef(serial_number)
    )
    out_of_date = ~RevocationList.IN_DATE.under("revocation_list").q(now=now)
    by_itself = Q(revocation_list__policy=REQUIRED) & (out_of_date | Exists(listed))
    return Exists(
        TrustAnchor.objects.filter(
            by_itself | Exists(_lists_of_the_authority()), ecosystem=ecosystem, subject=subject
        )
    )


def _lists_of_the_authority() -> models.QuerySet[RevocationList]:
    """The required lists that name the CA of the outer query; they do so by its thumbprint."""
    return (
        RevocationList.objects.alias(named=Cast("revoked_authorities", models.TextField()))
        .filter(anchor__ecosystem=OuterRef("ecosystem"), policy=REQUIRED)
        .filter(named__contains=OuterRef("thumbprint"))
        .order_by()
    )


@case("MT-09")
@requirement("RFC5280-6.3.3")
def require_its_own_ca(certificate: mtls.Certificate, ecosystem: Ecosystem) -> None:
    """Raise BadCertificate if a trusted CA has listed this CA as revoked."""
    entries = RevokedCertificate.objects.filter(
        serial_number=certificate.serial_number,
        revocation_list__anchor__ecosystem=ecosystem,
    )
    issuers = entries.values_list("revocation_list__anchor__certificate", flat=True)
    if any(mtls.issued_by(certificate, mtls.parse_pem(each)) for each in issuers):
        raise mtls.BadCertificate("This CA was revoked by the CA above it.")


def _require_unlisted(link: Link, status: RevocationStatus, *, now: datetime) -> None:
    if status.next_update is None:
        raise mtls.BadCertificate("There is no revocation list of its CA to look it up in.")
    if status.next_update <= now:
        raise mtls.BadCertificate("The revocation list of its CA is out of date.")
    if link.authority in (status.revoked_authorities or ()):
        raise mtls.BadCertificate("A CA above it was revoked.")
    if not link.authority and status.lists_the_leaf:
        raise mtls.BadCertificate("It was revoked by the CA that issued it.")
    points = status.distribution_points
    if points and link.distribution_points.isdisjoint(points):
        raise mtls.BadCertificate("The revocation list of its CA is for other certificates.")


def _statuses(
    certificate: mtls.Certificate, ecosystem: Ecosystem
) -> tuple[Named, dict[str, RevocationStatus]]:
    listed = RevokedCertificate.objects.filter(
        revocation_list=OuterRef("revocation_list"), serial_number=certificate.serial_number
    )
    columns = [f"revocation_list__{each}" for each in COLUMNS]
    rows = list(
        TrustAnchor.objects.filter(ecosystem=ecosystem)
        .annotate(lists_the_leaf=Exists(listed))
        .values_list("pk", "thumbprint", *columns, "lists_the_leaf")
    )
    named = tuple(sorted((pk, thumbprint) for pk, thumbprint, *_ in rows))
    return named, {thumbprint: RevocationStatus(*rest) for _, thumbprint, *rest in rows}


@lru_cache(maxsize=4096)
def _chain(der: bytes, named: Named) -> tuple[Link, ...]:
    """Every link from the certificate up to the roots among these CAs, by signature alone.

    A CA that was renewed with its key signed what the other one signed: both are asked.
    """
    authorities = _authorities(named)
    known = {each.thumbprint for each in authorities}
    links: list[Link] = []
    level = [mtls.parse_der(der)]
    for _ in range(LONGEST_CHAIN):
        above: dict[str, mtls.Certificate] = {}
        for each in level:
            for issuer in authorities:
                if issuer.thumbprint == each.thumbprint or not mtls.issued_by(each, issuer):
                    continue
                above[issuer.thumbprint] = issuer
                authority = each.thumbprint if each.thumbprint in known else ""
                links.append(Link(issuer.thumbprint, authority, distribution_points_of(each)))
        level = list(above.values())
    return tuple(dict.fromkeys(links))


@lru_cache(maxsize=64)
def _authorities(named: Named) -> tuple[mtls.Certificate, ...]:
    rows = TrustAnchor.objects.filter(pk__in=[pk for pk, _ in named])
    return tuple(mtls.parse_pem(pem) for pem in rows.values_list("certificate", flat=True))
