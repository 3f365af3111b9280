"""What is registered, kept by each process: an ecosystem, a client with its participant and keys.

A copy may be old. So nothing is handed out, and nobody is refused, on a copy's word alone: the gate
finds its versions in the database, by the statement that uses the proof up, and where they are
others everything is read anew and judged again (RegistrationChanged). Whatever is changed counts
from the next request on, on every machine, and no message between them is needed.

Copies are shared by the threads of a process and never written to.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, CharField, QuerySet, SlugField

from authserver.ecosystems import revocation
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case, requirement
from authserver.replay.models import UsedProof, digest
from authserver.storage.copies import Copies, mark_as_kept
from authserver.storage.names import column, table
from authserver.storage.prepared import Parameter, Prepared
from clients.models import Client, Participant

KEPT_ECOSYSTEMS: Copies[str, Ecosystem] = Copies(limit=256)
KEPT_CLIENTS: Copies[tuple[int, str], Client] = Copies(limit=2048)


class RegistrationChanged(Exception):
    """The copy that the request was judged by is old, and forgotten: judge again."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The client that a caller says it is, None where there is none; nothing is proven by that.

    ``is_kept`` is true where it is a copy of before this request.
    """

    client_id: str
    ecosystem: Ecosystem
    client: Client | None
    is_kept: bool

    @case("IR-04")
    def require_current(self) -> None:
        """Return if a refusal may stand, or raise RegistrationChanged.

        With what was asked to find the client it is one statement, for a client that is kept as
        for one that nobody knows.
        """
        read = _read(self.client_id, self.ecosystem) if self.is_kept else self.client
        if _version_of(read) != _version_of(self.client):
            forget(self.client_id, self.ecosystem)
            raise RegistrationChanged


def ecosystem_named(slug: str) -> Ecosystem | None:
    """The active ecosystem of this name, perhaps an old copy."""
    copy = KEPT_ECOSYSTEMS.get(slug)
    if copy is not None:
        return copy
    read = read_ecosystem(slug)
    if read is not None:
        mark_as_kept(read)
        KEPT_ECOSYSTEMS.keep(slug, read)
    return read


def read_ecosystem(slug: str) -> Ecosystem | None:
    """The active ecosystem of this name as it is at this moment."""
    return _active.first(slug=slug)


def require_current(ecosystem: Ecosystem) -> None:
    """Return if a refusal may stand to somebody that nobody knows, or raise RegistrationChanged."""
    require_same(ecosystem, read_ecosystem(ecosystem.slug))


def require_same(ecosystem: Ecosystem, read: Ecosystem | None) -> None:
    """Return if this is what was just read of the ecosystem, or raise RegistrationChanged."""
    if read is None or read.version != ecosystem.version:
        KEPT_ECOSYSTEMS.forget(ecosystem.slug)
        raise RegistrationChanged


def claimed(client_id: str, ecosystem: Ecosystem) -> Claimed:
    """The client of this name, with all that is asked of it afterwards, perhaps an old copy."""
    copy = KEPT_CLIENTS.get((ecosystem.pk, client_id))
    if copy is not None and copy.ecosystem.version == ecosystem.version:
        return Claimed(client_id, ecosystem, copy, is_kept=True)
    read = _read(client_id, ecosystem)
    if read is not None:
        mark_as_kept(read)
        KEPT_CLIENTS.keep((ecosystem.pk, client_id), read)
    return Claimed(client_id, ecosystem, read, is_kept=False)


@case("CD-15")
@requirement("RFC6749-2.3")
def confirm(client: Client) -> None:
    """Return if this is how the client is registered at this moment, or raise."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 WHERE {_as_registered()}", versions_of(client))
        if cursor.fetchone() is None:
            forget(client.client_id, client.ecosystem)
            raise RegistrationChanged


@requirement("RFC7523-3", "FAPI2-SP-FINAL-5.3.2.1-6")
def confirm_and_consume(
    client: Client, *, purpose: str, owner: str, jti: str, expires_at: datetime
) -> bool:
    """As ``confirm``, and use the jti up in the same statement; False if it was used before.

    Where the client is registered otherwise by now, the jti stays good for the next try.
    """
    values: list[Any] = [digest(purpose, owner, jti), expires_at, *versions_of(client)]
    with connection.cursor() as cursor:
        cursor.execute(_using_up(connection.vendor), values)
        if cursor.fetchone() is not None:
            return True
    confirm(client)
    return False


def forget(client_id: str, ecosystem: Ecosystem) -> None:
    """Read the client, and its ecosystem, anew when they are asked for."""
    KEPT_ECOSYSTEMS.forget(ecosystem.slug)
    KEPT_CLIENTS.forget((ecosystem.pk, client_id))


def _version_of(client: Client | None) -> tuple[int, ...]:
    return (client.pk, client.version, client.participant.version) if client else ()


def versions_of(client: Client) -> list[int]:
    """The client's key and version, its participant's version, and its ecosystem's."""
    return [*_version_of(client), client.ecosystem.version]


_active = Prepared(
    lambda: Ecosystem.objects.filter(Ecosystem.ALIVE.q(), slug=Parameter("slug", SlugField()))
)


def _read(client_id: str, ecosystem: Ecosystem) -> Client | None:
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


@cache
def _as_registered() -> str:
    """The condition that a client, by its key, has these versions: its own, and those above it."""
    return (
        f"EXISTS (SELECT 1 FROM {table(Client)} c"  # noqa: S608  names of our own models
        f" JOIN {table(Participant)} p ON p.{column(Participant, 'pk')} = c.{_of('participant')}"
        f" JOIN {table(Ecosystem)} e ON e.{column(Ecosystem, 'pk')} = c.{_of('ecosystem')}"
        f" WHERE c.{column(Client, 'pk')} = %s AND c.{_of('version')} = %s"
        f" AND p.{column(Participant, 'version')} = %s AND e.{column(Ecosystem, 'version')} = %s)"
    )


def _of(field: str) -> str:
    return column(Client, field)


@cache
def _using_up(vendor: str) -> str:
    """Digest and expiry are stored, and the digest returned, unless it is there already."""
    used: Any = UsedProof._meta.get_field("digest")
    given = "%s::varchar, %s::timestamptz" if vendor == "postgresql" else "%s, %s"
    return (
        f"INSERT INTO {table(UsedProof)}"
        f" ({column(UsedProof, 'digest')}, {column(UsedProof, 'expires_at')})"
        f" SELECT {given} WHERE {_as_registered()}"
        f" ON CONFLICT ({used.column}) DO NOTHING RETURNING {used.column}"
    )
