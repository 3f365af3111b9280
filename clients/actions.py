"""Onboarding: changes of participants, their clients, certificates and resource servers.

Every one writes its audit event in the transaction of the change. What is suspended is refused
everywhere from the moment the transaction commits.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.changes import changes_of
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems import revocation
from authserver.requirements import requirement
from authserver.specs.mtls import BadCertificate, Certificate
from clients.certificates import anchors_of, read_pem
from clients.models import (
    Client,
    ClientCertificate,
    Contact,
    Participant,
    ResourceServer,
    State,
)


@transaction.atomic
def register_participant(participant: Participant, *, by: str) -> Participant:
    """Store a new participant; it is pending until it is activated."""
    participant.save()
    _record_participant(Event.PARTICIPANT_REGISTERED, participant, by=by)
    return participant


@transaction.atomic
def change_participant(participant: Participant, *, by: str) -> None:
    """Store what differs from the stored row, except its state."""
    changed = changes_of(participant)
    changed.pop("state", None)
    if changed:
        participant.save(update_fields=list(changed))
        _record_participant(Event.PARTICIPANT_CHANGED, participant, by=by, changed=changed)


@transaction.atomic
def save_contact(contact: Contact, *, by: str) -> None:
    contact.save()
    _record_participant(
        Event.PARTICIPANT_CHANGED, contact.participant, by=by, contact=contact.kind, kept=True
    )


@transaction.atomic
def remove_contact(contact: Contact, *, by: str) -> None:
    _record_participant(
        Event.PARTICIPANT_CHANGED, contact.participant, by=by, contact=contact.kind, kept=False
    )
    contact.delete()


@transaction.atomic
def activate_participant(participant: Participant, *, by: str) -> None:
    """Let it in; its clients are activated one by one."""
    if _moved(participant, to=State.ACTIVE):
        _record_participant(Event.PARTICIPANT_ACTIVATED, participant, by=by)


@transaction.atomic
def suspend_participant(participant: Participant, *, by: str) -> None:
    """Refuse all its clients and tokens at once; its consents wait untouched."""
    if _moved(participant, to=State.SUSPENDED):
        _record_participant(Event.PARTICIPANT_SUSPENDED, participant, by=by)


@transaction.atomic
def remove_participant(participant: Participant, *, by: str) -> None:
    """Forget one that nothing refers to; raise ProtectedError where something does."""
    _record_participant(Event.PARTICIPANT_REMOVED, participant, by=by)
    participant.delete()


@transaction.atomic
def register_client(client: Client, *, by: str) -> Client:
    """Store a new client; it is pending until it is activated."""
    client.save()
    _record_client(Event.CLIENT_REGISTERED, client, by=by)
    return client


@transaction.atomic
def change_client(client: Client, *, by: str) -> None:
    """Store what differs from the stored row, except its state and what identifies it."""
    changed = changes_of(client)
    for kept in ("state", "client_id", "participant", "ecosystem", "created", "updated"):
        changed.pop(kept, None)
    if changed:
        client.save(update_fields=[*changed, "updated"])
        _record_client(Event.CLIENT_CHANGED, client, by=by, changed=changed)


@transaction.atomic
def activate_client(client: Client, *, by: str) -> None:
    if _moved(client, to=State.ACTIVE):
        _record_client(Event.CLIENT_ACTIVATED, client, by=by)


@transaction.atomic
def suspend_client(client: Client, *, by: str) -> None:
    """Refuse the client and all its tokens at once; its consents wait untouched."""
    if _moved(client, to=State.SUSPENDED):
        _record_client(Event.CLIENT_SUSPENDED, client, by=by)


@transaction.atomic
def remove_client(client: Client, *, by: str) -> None:
    """Forget one that was never let in; raise ProtectedError where something refers to it."""
    _record_client(Event.CLIENT_REMOVED, client, by=by)
    client.delete()


@requirement("AD-20", "FFI-2", "MT-09")
def read_certificate(client: Client, *, pem: str, now: datetime) -> Certificate:
    """Return what stands in the PEM text, or raise BadCertificate: it cannot be registered."""
    is_self_signed = client.token_endpoint_auth_method == Client.AuthMethod.SELF_SIGNED
    anchors = None if is_self_signed else anchors_of(client.participant.ecosystem)
    certificate = read_pem(pem, now=now, anchors=anchors)
    revocation.hold_to_standing(certificate, client.participant.ecosystem, now=now)
    hold_to_one_owner(certificate.thumbprint, client)
    return certificate


@transaction.atomic
def register_certificate(client: Client, *, pem: str, by: str, now: datetime) -> ClientCertificate:
    """Register the certificate in the PEM text; raise BadCertificate with a sentence why not.

    Those registered before stay valid, so that a client can change over without a break.
    """
    certificate = read_certificate(client, pem=pem, now=now)
    registered = ClientCertificate.objects.create(
        client=client,
        pem=pem.strip(),
        thumbprint=certificate.thumbprint,
        subject=certificate.subject,
        issuer=certificate.issuer,
        serial_number=certificate.serial_number,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )
    _record_client(Event.CERTIFICATE_REGISTERED, client, by=by, thumbprint=registered.thumbprint)
    return registered


@requirement("AD-20", "FFI-3")
def hold_to_one_owner(thumbprint: str, client: Client) -> None:
    """Two participants with one certificate would share a private key: one of them stole it."""
    known = ClientCertificate.objects.filter(
        thumbprint=thumbprint, client__ecosystem=client.participant.ecosystem
    )
    if known.exclude(client__participant=client.participant).exists():
        raise BadCertificate("This certificate belongs to another participant.")
    if (same := known.filter(client=client).first()) is not None:
        raise BadCertificate(
            "This certificate is registered already."
            if same.state == ClientCertificate.State.ACTIVE
            else "This certificate was revoked: the client needs a new one."
        )


@transaction.atomic
def revoke_certificate(certificate: ClientCertificate, *, by: str) -> None:
    """Refuse the certificate from now on, and every token that is bound to it."""
    active = ClientCertificate.objects.filter(
        pk=certificate.pk, state=ClientCertificate.State.ACTIVE
    )
    if active.update(state=ClientCertificate.State.REVOKED):
        certificate.state = ClientCertificate.State.REVOKED
        _record_client(
            Event.CERTIFICATE_REVOKED, certificate.client, by=by, thumbprint=certificate.thumbprint
        )


@transaction.atomic
def register_resource_server(server: ResourceServer, *, by: str) -> ResourceServer:
    server.save()
    _record_server(Event.RESOURCE_SERVER_REGISTERED, server, by=by)
    return server


@transaction.atomic
def change_resource_server(server: ResourceServer, *, by: str) -> None:
    """Store what differs from the stored row."""
    changed = changes_of(server, secret=("account_source_token",))
    if changed:
        server.save(update_fields=list(changed))
        _record_server(Event.RESOURCE_SERVER_CHANGED, server, by=by, changed=changed)


@transaction.atomic
def remove_resource_server(server: ResourceServer, *, by: str) -> None:
    """Forget it: tokens that were for it alone are for nobody."""
    _record_server(Event.RESOURCE_SERVER_REMOVED, server, by=by)
    server.delete()


def _moved(row: Participant | Client, *, to: State) -> bool:
    """Change the state in one statement; False if it was so already."""
    moved = type(row).objects.filter(pk=row.pk).exclude(state=to).update(state=to)
    row.state = to
    return bool(moved)


def _record_participant(event: Event, participant: Participant, *, by: str, **facts: Any) -> None:
    record(
        event,
        ecosystem=participant.ecosystem.slug,
        actor=by,
        subject=f"participant-{participant.pk}",
        name=participant.trading_name,
        **facts,
    )


def _record_client(event: Event, client: Client, *, by: str, **facts: Any) -> None:
    record(
        event,
        ecosystem=client.ecosystem.slug,
        actor=by,
        client_id=client.client_id,
        subject=client.client_id,
        **facts,
    )


def _record_server(event: Event, server: ResourceServer, *, by: str, **facts: Any) -> None:
    record(event, ecosystem=server.ecosystem.slug, actor=by, subject=server.identifier, **facts)
