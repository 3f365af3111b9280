"""The client that a row is of, by the copy that is kept of it: as the row was read, or held."""

from typing import Any

from django.db.models import BigIntegerField, F

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case
from authserver.storage.prepared import Parameter
from authserver.storage.share_lock import ShareLock
from authserver.storage.together import Held
from clients.models import Client, Participant
from clients.registration import claimed, ecosystem_named, forget, versions_of

# What a query for something of a client says of how that is registered, for ``client_of``.
SAID_OF_A_CLIENT = {
    "named_client": "client_id",
    "named_ecosystem": "ecosystem__slug",
    "client_key": "pk",
    "client_version": "version",
    "participant_version": "participant__version",
    "ecosystem_version": "ecosystem__version",
}


def said_of_the_client(relation: str) -> dict[str, F]:
    """The annotations of a query whose rows ``relation`` leads from to their client."""
    return {name: F(f"{relation}__{path}") for name, path in SAID_OF_A_CLIENT.items()}


@case("CD-15")
def client_of(row: Any) -> Client | None:
    """The client of a row, as it was registered when the row was read, or since.

    A copy of the versions that the row's own statement found is as good as what it would have
    read; any other is forgotten, and read anew. None where the ecosystem was switched off, or the
    client is gone.
    """
    copy = _kept_for(row)
    if copy is not None and versions_of(copy) != _versions_said_by(row):
        forget(row.named_client, copy.ecosystem)
        copy = _kept_for(row)
    return copy


def copy_of(row: Any, ecosystem: Ecosystem) -> Client | None:
    """The client of a row, by a copy of the versions that the row's own statement found.

    None where ``ecosystem``, or what is kept of the client, is of before: whatever was said of
    them was said of others.
    """
    copy = claimed(row.named_client, ecosystem).client
    if copy is not None and versions_of(copy) == _versions_said_by(row):
        return copy
    forget(row.named_client, ecosystem)
    return None


@case("CD-14", "CD-15")
def held_as_judged(client: Client) -> Held:
    """The lock of the client where it is alive, and registered as this copy says."""
    names = ("client", "own", "participant", "ecosystem")
    return Held(AS_JUDGED, dict(zip(names, versions_of(client), strict=True)))


def _kept_for(row: Any) -> Client | None:
    ecosystem = ecosystem_named(row.named_ecosystem)
    return claimed(row.named_client, ecosystem).client if ecosystem is not None else None


def _versions_said_by(row: Any) -> list[int]:
    return [row.client_key, row.client_version, row.participant_version, row.ecosystem_version]


AS_JUDGED = ShareLock(
    lambda: Client.objects.filter(
        Client.ALIVE.q(),
        pk=Parameter("client", BigIntegerField()),
        version=Parameter("own", BigIntegerField()),
        participant__version=Parameter("participant", BigIntegerField()),
        participant__ecosystem__version=Parameter("ecosystem", BigIntegerField()),
    ).values_list("pk"),
    of=(Client, Participant, Ecosystem),
)
