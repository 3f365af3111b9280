"""What a client's registration and its ecosystem permit now, of a request or of what was granted.

Both may shrink after something was asked for, or given. A request that is no longer permitted is
refused as a whole, since what is shown must be what is granted; of a grant the part that is still
permitted is given. The rows are at hand wherever this is asked: nothing is looked up.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from authserver.protocol.errors import InvalidAuthorizationDetails, InvalidRequest, InvalidScope
from authserver.protocol.profiles.checks import type_is_listed
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.protocol.specs.claims import Claims, covered_by
from clients.models import Client

BY_CODE = ("authorization_code",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The part of a grant that is still permitted; ``scope`` is separated by spaces."""

    scope: str
    authorization_details: list[Any]


@case("CD-15")
@requirement("RFC6749-3.3", "RAR-5")
def require_permitted(request: AuthorizationRequest, client: Client) -> None:
    """Return if all that is asked for is permitted, else raise: the profile's checks come first."""
    client.ecosystem.rules.check(request, client)
    if not set(request.scope) <= scopes(client):
        raise InvalidScope("scope is not allowed for this client")
    if not set(Claims.asked_for(request.claims).names) <= claims(client):
        raise InvalidRequest("a claim is not allowed for this client", clause="OIDCC-5.5")
    if not types_are_permitted(client, request.authorization_details or ()):
        raise InvalidAuthorizationDetails(
            "a type of authorization_details is not offered here", clause="RAR-5"
        )


@case("TK-12")
@requirement("RFC6749-6", "RFC7662-2.2")
def left_of(
    client: Client,
    *,
    scope: str,
    authorization_details: Collection[Mapping[str, Any]],
    grant_types: Iterable[str],
    alone: bool = False,
) -> Left | None:
    """What is left of a grant that came by these grant types; None where nothing may be given.

    A detail was approved as one thing with the others: where the type of one has gone, all has.
    ``alone`` is where no person granted: of the scopes, those that the client may have for itself.
    """
    if not set(grant_types) <= set(client.grant_types) & set(client.ecosystem.rules.grant_types):
        return None
    if not types_are_permitted(client, authorization_details):
        return None
    permitted = scopes(client)
    if alone:
        permitted &= set(client.ecosystem.client_credentials_scopes)
    asked = scope.split()
    still_permitted = [name for name in asked if name in permitted]
    if asked and not still_permitted and not authorization_details:
        return None
    return Left(scope=" ".join(still_permitted), authorization_details=list(authorization_details))


@requirement("RFC6749-1.5")
def grant_types_of(first: str, *, renewed: bool) -> tuple[str, ...]:
    """The grant types that something came by: a refresh token renews what another grant gave."""
    return (first, "refresh_token") if renewed else (first,)


def scopes(client: Client) -> set[str]:
    """The scopes that the client is registered for, and that its ecosystem still offers."""
    return set(client.scopes) & set(client.ecosystem.scopes)


@requirement("OIDCC-5.5", "OIDCC-5.4")
def claims(client: Client) -> set[str]:
    """The claims that the client is registered for, and that its ecosystem still offers.

    Who may ask for a scope may ask for what it covers, claim by claim.
    """
    ecosystem = client.ecosystem
    offered = {*ecosystem.claims, *covered_by(ecosystem.scopes)}
    return {*client.claims, *covered_by(scopes(client))} & offered


def types_are_permitted(client: Client, details: Iterable[Mapping[str, Any]]) -> bool:
    """True if the client is registered for the type of each, and its ecosystem still offers it."""
    offered = client.ecosystem.authorization_details_types
    return all(
        detail["type"] in offered
        and type_is_listed(detail["type"], client.authorization_details_types)
        for detail in details
    )
