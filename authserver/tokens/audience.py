"""Which resource servers a token is for, and which form they want it in (RFC 8707)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import InvalidTarget
from authserver.protocol.profiles.checks import type_is_listed
from authserver.protocol.requirements import requirement
from authserver.storage.copies import kept_with
from authserver.storage.prepared import Parameter, Prepared
from clients.models import Client, ResourceServer


@dataclass(frozen=True, slots=True)
class Audience:
    """Identifiers of resource servers, the form of their token, and the key to encrypt it to."""

    identifiers: tuple[str, ...]
    token_format: str
    jwk: Mapping[str, Any] | None = None


@requirement("RFC8707-2", "RFC8707-2.2")
def of(
    client: Client,
    *,
    scope: Collection[str],
    authorization_details: Collection[Mapping[str, Any]],
    resource: Collection[str] = (),
    within: Collection[str] = (),
) -> Audience:
    """Return whom a token with this scope and these details is for, or raise InvalidTarget.

    A token that no resource server is meant by is for ourselves (userinfo). One that would be for
    several is refused where it cannot be kept from all but those that each of them trusts with it.
    """
    named = servers_for(
        client,
        scope=scope,
        authorization_details=authorization_details,
        resource=resource,
        within=within,
    )
    token_format = _format(client, named)
    return Audience(
        identifiers=tuple(server.identifier for server in named) or (client.ecosystem.issuer,),
        token_format=token_format,
        jwk=_key_for(named) if token_format == "jwt" else None,
    )


@requirement("RFC8707-2", "RFC8707-2.2")
def servers_for(
    client: Client,
    *,
    scope: Collection[str],
    authorization_details: Collection[Mapping[str, Any]],
    resource: Collection[str] = (),
    within: Collection[str] = (),
) -> list[ResourceServer]:
    """Return the resource servers that are meant, or raise InvalidTarget.

    Every resource that is named must be registered in the client's ecosystem and be reached by
    the scope or by a type: consent to one server's data is none to another's. Where none is named,
    every server that is reached is meant, of those in ``within`` if it names some.
    """
    types = [detail["type"] for detail in authorization_details]
    servers = active_servers(client.ecosystem)
    reached = [server for server in servers if is_reached(server, scope=scope, types=types)]
    if set(resource) - {server.identifier for server in servers}:
        raise InvalidTarget("resource is not registered here")
    identifiers = set(resource) or set(within)
    named = [server for server in reached if not identifiers or server.identifier in identifiers]
    if identifiers and len(named) < (len(identifiers) if resource else 1):
        raise InvalidTarget("neither the scope nor authorization_details reach the resource")
    return named


@requirement("RFC8707-2.2", "RFC9068-2.2")
def _key_for(servers: Collection[ResourceServer]) -> Mapping[str, Any] | None:
    """The key to encrypt to. One token has one reader: who wants it sealed has it alone."""
    keys = [server.encryption_jwk or None for server in servers]
    if any(key != keys[0] for key in keys):
        raise InvalidTarget("a resource server wants its tokens encrypted: name one resource")
    return keys[0] if keys else None


def active_servers(ecosystem: Ecosystem) -> list[ResourceServer]:
    return kept_with(ecosystem, "resource servers", lambda: _servers.all(ecosystem=ecosystem.pk))


_servers = Prepared(
    lambda: ResourceServer.objects.filter(
        ResourceServer.ALIVE.q(), ecosystem=Parameter("ecosystem", BigIntegerField())
    ).order_by("pk")
)


def is_reached(server: ResourceServer, *, scope: Collection[str], types: Collection[str]) -> bool:
    """True if the server takes one of the scopes, or details of one of the types."""
    return not set(server.scopes).isdisjoint(scope) or any(
        type_is_listed(each, server.authorization_details_types) for each in types
    )


def _format(client: Client, servers: Collection[ResourceServer]) -> str:
    """The client's own setting, else the servers'; opaque where they differ, within the profile."""
    offered = client.ecosystem.rules.access_token_formats
    token_format = client.access_token_format or (
        "opaque" if any(server.token_format == "opaque" for server in servers) else "jwt"
    )
    return token_format if token_format in offered else offered[0]
