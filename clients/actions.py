"""Onboarding: changes of participants, their clients, certificates and resource servers.

Every one writes its audit event in the transaction of the change. What is suspended is refused
everywhere from the moment the transaction commits.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.changes import Changes, changes_of, made, pair, removed
from authserver.audit.events import Event
from authserver.audit.trail import record
from clients.certificates import read_certificate
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
    _record_participant(Event.PARTICIPANT_REGISTERED, participant, by=by, changed=made(participant))
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
    changed = changes_of(contact)
    is_new = contact.pk is None
    contact.save()
    if changed or is_new:
        _record_participant(
            Event.PARTICIPANT_CHANGED,
            contact.participant,
            by=by,
            contact=contact.kind,
            kept=True,
            changed=made(contact) if is_new else changed,
        )


@transaction.atomic
def remove_contact(contact: Contact, *, by: str) -> None:
    _record_participant(
        Event.PARTICIPANT_CHANGED,
        contact.participant,
        by=by,
        contact=contact.kind,
        kept=False,
        changed=removed(contact),
    )
    contact.delete()


@transaction.atomic
def activate_participant(participant: Participant, *, by: str) -> None:
    """Let it in; its clients are activated one by one."""
    if changed := _moved(participant, to=State.ACTIVE):
        _record_participant(Event.PARTICIPANT_ACTIVATED, participant, by=by, changed=changed)


@transaction.atomic
def suspend_participant(participant: Participant, *, by: str) -> None:
    """Refuse all its clients and tokens at once; its consents wait untouched."""
    if changed := _moved(participant, to=State.SUSPENDED):
        _record_participant(Event.PARTICIPANT_SUSPENDED, participant, by=by, changed=changed)


@transaction.atomic
def remove_participant(participant: Participant, *, by: str) -> None:
    """Forget one that nothing refers to; raise ProtectedError where something does."""
    _record_participant(Event.PARTICIPANT_REMOVED, participant, by=by, changed=removed(participant))
    participant.delete()


@transaction.atomic
def register_client(client: Client, *, by: str) -> Client:
    """Store a new client; it is pending until it is activated."""
    client.save()
    _record_client(Event.CLIENT_REGISTERED, client, by=by, changed=made(client))
    return client


@transaction.atomic
def change_client(client: Client, *, by: str) -> None:
    """Store what differs from the stored row, except its state and what identifies it."""
    changed = changes_of(client)
    for column in ("state", "client_id", "participant", "ecosystem", "created", "updated"):
        changed.pop(column, None)
    if changed:
        client.save(update_fields=[*changed, "updated"])
        _record_client(Event.CLIENT_CHANGED, client, by=by, changed=changed)


@transaction.atomic
def activate_client(client: Client, *, by: str) -> None:
    if changed := _moved(client, to=State.ACTIVE):
        _record_client(Event.CLIENT_ACTIVATED, client, by=by, changed=changed)


@transaction.atomic
def suspend_client(client: Client, *, by: str) -> None:
    """Refuse the client and all its tokens at once; its consents wait untouched."""
    if changed := _moved(client, to=State.SUSPENDED):
        _record_client(Event.CLIENT_SUSPENDED, client, by=by, changed=changed)


@transaction.atomic
def remove_client(client: Client, *, by: str) -> None:
    """Forget one that was never let in; raise ProtectedError where something refers to it."""
    _record_client(Event.CLIENT_REMOVED, client, by=by, changed=removed(client))
    client.delete()


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
    _record_client(
        Event.CERTIFICATE_REGISTERED,
        client,
        by=by,
        thumbprint=registered.thumbprint,
        changed=made(registered),
    )
    return registered


@transaction.atomic
def revoke_certificate(certificate: ClientCertificate, *, by: str) -> None:
    """Refuse the certificate from now on, and every token that is bound to it."""
    active = ClientCertificate.objects.filter(
        pk=certificate.pk, state=ClientCertificate.State.ACTIVE
    )
    if active.update(state=ClientCertificate.State.REVOKED):
        certificate.state = ClientCertificate.State.REVOKED
        _record_client(
            Event.CERTIFICATE_REVOKED,
            certificate.client,
            by=by,
            thumbprint=certificate.thumbprint,
            changed={"state": pair("state", "active", "revoked")},
        )


@transaction.atomic
def register_resource_server(server: ResourceServer, *, by: str) -> ResourceServer:
    server.save()
    _record_server(Event.RESOURCE_SERVER_REGISTERED, server, by=by, changed=made(server))
    return server


@transaction.atomic
def change_resource_server(server: ResourceServer, *, by: str) -> None:
    """Store what differs from the stored row; a token that was given for another address is not
    kept.
    """
    server.forget_a_token_of_another_address()
    changed = changes_of(server)
    if changed:
        server.save(update_fields=list(changed))
        _record_server(Event.RESOURCE_SERVER_CHANGED, server, by=by, changed=changed)


@transaction.atomic
def remove_resource_server(server: ResourceServer, *, by: str) -> None:
    """Forget it: tokens that were for it alone are for nobody."""
    _record_server(Event.RESOURCE_SERVER_REMOVED, server, by=by, changed=removed(server))
    server.delete()


def _moved(row: Participant | Client, *, to: State) -> Changes:
    """Change the state, and return what changed; nothing if it was so already."""
    rows = type(row).objects.filter(pk=row.pk)
    before = rows.select_for_update().values_list("state", flat=True).get()
    row.state = to
    if before == to:
        return {}
    rows.update(state=to)
    return {"state": pair("state", before, to.value)}


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
