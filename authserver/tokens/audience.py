"""Which resource servers a token is for, and which form they want it in (RFC 8707)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField

from authserver.errors import InvalidTarget
from authserver.prepared import Parameter, Prepared
from authserver.profiles.checks import type_is_listed
from authserver.requirements import requirement
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
) -> Audience:
    """Return whom a token with this scope and these details is for.

    Named resources must be registered in the client's ecosystem, else InvalidTarget. Where none
    is named, every resource server that the scope or a type reaches is meant; a token that
    reaches none of them is for ourselves (userinfo).
    """
    servers = _servers.all(ecosystem=client.ecosystem_id)
    if resource:
        named = [server for server in servers if server.identifier in resource]
        if len(named) != len(set(resource)):
            raise InvalidTarget("resource is not registered here")
    else:
        types = [detail["type"] for detail in authorization_details]
        named = [server for server in servers if _reached(server, scope=scope, types=types)]
    return Audience(
        identifiers=tuple(server.identifier for server in named) or (client.ecosystem.issuer,),
        token_format=_format(client, named),
        jwk=named[0].encryption_jwk if len(named) == 1 else None,
    )


_servers = Prepared(
    lambda: ResourceServer.objects.filter(
        ecosystem=Parameter("ecosystem", BigIntegerField()), is_active=True
    ).order_by("pk")
)


def _reached(server: ResourceServer, *, scope: Collection[str], types: Collection[str]) -> bool:
    return not set(server.scopes).isdisjoint(scope) or any(
        type_is_listed(each, server.authorization_details_types) for each in types
    )


def _format(client: Client, servers: Collection[ResourceServer]) -> str:
    """The client's own setting, else the servers'; opaque where they differ, within the profile."""
    offered = client.ecosystem.rules.access_token_formats
    wanted = client.access_token_format or (
        "opaque" if any(server.token_format == "opaque" for server in servers) else "jwt"
    )
    return wanted if wanted in offered else offered[0]
