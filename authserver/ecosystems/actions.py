"""Changes of an ecosystem and of the CAs that it trusts, each with its audit event."""

from datetime import datetime

from django.db import transaction

from authserver.audit.changes import changes_of, made, pair, removed
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import Ecosystem, TrustAnchor
from authserver.ecosystems.revocation import require_its_own_ca
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import mtls
from authserver.protocol.specs.certificate import require_signature_strength
from authserver.protocol.specs.certificate_trust import is_of_a_ca


@transaction.atomic
def create(ecosystem: Ecosystem, *, by: str) -> Ecosystem:
    """Store a new ecosystem; it serves clients once it has a signing key."""
    ecosystem.save()
    record(
        Event.ECOSYSTEM_CREATED,
        ecosystem=ecosystem.slug,
        actor=by,
        subject=ecosystem.slug,
        profile=ecosystem.profile,
        changed=made(ecosystem),
    )
    return ecosystem


@transaction.atomic
def change(ecosystem: Ecosystem, *, by: str) -> None:
    """Store what differs from the stored row; nothing differs, nothing is written."""
    changed = changes_of(ecosystem)
    if not changed:
        return
    ecosystem.save(update_fields=list(changed))
    record(
        Event.ECOSYSTEM_CHANGED,
        ecosystem=ecosystem.slug,
        actor=by,
        subject=ecosystem.slug,
        changed=changed,
    )


@transaction.atomic
def switch(ecosystem: Ecosystem, *, on: bool, by: str) -> None:
    """Let every endpoint of the ecosystem answer again, or answer 404."""
    if Ecosystem.objects.filter(pk=ecosystem.pk).exclude(is_active=on).update(is_active=on):
        ecosystem.is_active = on
        record(
            Event.ECOSYSTEM_CHANGED,
            ecosystem=ecosystem.slug,
            actor=by,
            subject=ecosystem.slug,
            changed={"is_active": pair("is_active", not on, on)},
        )


@requirement("FFI-2")
def read_anchor(text: str, *, now: datetime) -> mtls.Certificate:
    """Return the CA certificate in the PEM text, or raise BadCertificate with a sentence.

    Only a CA certificate will do: a client's own certificate as an anchor would trust one client
    and, as an issuer, nobody.
    """
    certificate = mtls.parse_pem(text)
    mtls.require_readable_names(certificate)
    if not is_of_a_ca(certificate):
        raise mtls.BadCertificate(
            "This is not the certificate of a CA: give that of the root or issuing CA."
        )
    mtls.require_validity(certificate, now=now)
    mtls.require_strength(certificate)
    require_signature_strength(certificate)
    return certificate


@requirement("FFI-2", "CBUAE-4.3")
@transaction.atomic
def add_trust_anchor(ecosystem: Ecosystem, *, pem: str, by: str, now: datetime) -> TrustAnchor:
    """Trust client certificates of this CA from now on; raise BadCertificate if it is none."""
    certificate = read_anchor(pem, now=now)
    require_its_own_ca(certificate, ecosystem)
    is_root = mtls.issued_by(certificate, certificate)
    anchor, is_new = TrustAnchor.objects.get_or_create(
        ecosystem=ecosystem,
        thumbprint=certificate.thumbprint,
        defaults={
            "kind": TrustAnchor.Kind.ROOT if is_root else TrustAnchor.Kind.ISSUING,
            "certificate": pem.strip(),
            "subject": certificate.subject,
            "not_after": certificate.not_after,
        },
    )
    if is_new:
        record(
            Event.TRUST_ANCHOR_ADDED,
            ecosystem=ecosystem.slug,
            actor=by,
            subject=anchor.thumbprint,
            name=anchor.subject,
            changed=made(anchor),
        )
    return anchor


@transaction.atomic
def remove_trust_anchor(anchor: TrustAnchor, *, by: str) -> None:
    """Trust the CA no longer: certificates that stand on it alone are refused at once."""
    record(
        Event.TRUST_ANCHOR_REMOVED,
        ecosystem=anchor.ecosystem.slug,
        actor=by,
        subject=anchor.thumbprint,
        name=anchor.subject,
        changed=removed(anchor),
    )
    anchor.delete()
