"""The audit events of consents: what each says of the consent that it is about."""

from consents.models import Consent


def about(consent: Consent, *, by: str) -> dict[str, str]:
    """The columns of an event that name the consent, its client and ecosystem, and who acted."""
    return {
        "ecosystem": consent.ecosystem.slug,
        "actor": by,
        "client_id": consent.client.client_id,
        "subject": str(consent.pk),
    }
