"""The client that a caller says it is; nothing is proven by that yet."""

from django.db.models import BigIntegerField, CharField, QuerySet

from authserver.ecosystems import revocation
from authserver.ecosystems.models import Ecosystem
from authserver.storage.prepared import Parameter, Prepared
from clients.models import Client


def claimed_client(client_id: str, ecosystem: Ecosystem) -> Client | None:
    """The client of this ecosystem, with all that is asked of it afterwards, in one query."""
    client = _with_all_that_is_asked.first(client_id=client_id, ecosystem=ecosystem.pk)
    if client is not None:
        client.ecosystem = client.participant.ecosystem = ecosystem
        client.revocation_is_checked = client.a_list_counts  # type: ignore[attr-defined]
    return client


def _of_a_name() -> QuerySet[Client]:
    ecosystem = Parameter("ecosystem", BigIntegerField())
    return (
        Client.objects.annotate(a_list_counts=revocation.is_checked(ecosystem))
        .select_related("participant", "key_set")
        .filter(
            client_id=Parameter("client_id", CharField()),
            ecosystem=ecosystem,
            participant__ecosystem=ecosystem,
        )
    )


_with_all_that_is_asked = Prepared(_of_a_name)
