"""What may be given now of what was granted: less than that, never more."""

from collections.abc import Collection
from typing import Any

from authserver.protocol.errors import InvalidGrant, InvalidTarget
from authserver.protocol.requirements import case, requirement
from authserver.web.back_channel_request import BackChannelRequest
from clients import permission
from clients.models import Client


@case("TK-12")
@requirement("RFC6749-5.2")
def what_is_left(
    client: Client, *, scope: str, authorization_details: list[Any], grant_types: Collection[str]
) -> permission.Left:
    """The part of a person's grant that is still permitted; InvalidGrant where there is none."""
    left = permission.left_of(
        client,
        scope=scope,
        authorization_details=authorization_details,
        grant_types=grant_types,
    )
    if left is None:
        raise InvalidGrant("the client is not registered for what was granted any more")
    return left


@requirement("RFC8707-2.2")
def resources_asked_for(http: BackChannelRequest, granted: list[str]) -> tuple[str, ...]:
    """The token request may narrow the resources of the grant, never widen them; () is: no wish."""
    asked = http.repeated.get("resource", ())
    if granted and not set(asked) <= set(granted):
        raise InvalidTarget("resource goes beyond what was granted")
    return asked
