"""refresh_token: a new access token while the consent lives, bound to the key presented now."""

from datetime import datetime
from typing import Any

from authserver.grants import sender_constraint
from authserver.grants.issuance import issue
from authserver.grants.permitted import resources_asked_for, what_is_left
from authserver.protocol.errors import InvalidAuthorizationDetails, InvalidScope
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest, as_text
from authserver.protocol.specs.claims import Claims
from authserver.tokens.granted import Granted
from authserver.tokens.models import RefreshToken
from authserver.web.back_channel_request import BackChannelRequest
from clients import permission
from clients.models import Client


@requirement("RFC6749-6", "FAPI2-SP-FINAL-5.3.2.1-9", "CBUAE-2.1.14")
def exchange(http: BackChannelRequest, client: Client, *, now: datetime) -> dict[str, Any]:
    """Return the token response for a refresh token, or raise InvalidGrant.

    The refresh token is not rotated: a lost answer must not end a consent of a year.
    """
    refresh = RefreshToken.objects.find(http.form.get("refresh_token", ""), client=client, now=now)
    binding = sender_constraint.of(http, client, now=now)
    left = what_is_left(
        client,
        scope=refresh.scope,
        authorization_details=refresh.authorization_details,
        grant_types=permission.grant_types_of(refresh.grant_type, renewed=True),
    )
    granted = Granted(
        client=client,
        grant_type=refresh.grant_type,
        user=refresh.user,
        consent=refresh.consent,
        scope=narrowed_scope(http, left.scope),
        authorization_details=narrowed_details(http, left.authorization_details),
        resource=refresh.resource,
        auth_time=refresh.auth_time,
        acr=refresh.acr,
        amr=refresh.amr,
        claims=Claims.from_text(refresh.claims),
        authorization_code=refresh.authorization_code_id,
        refresh_token=refresh.pk,
    )
    return issue(
        granted, binding=binding, resource=resources_asked_for(http, refresh.resource), now=now
    )


@requirement("RFC6749-6")
def narrowed_scope(http: BackChannelRequest, granted: str) -> str:
    """The scope asked for, if it is part of what was granted; all of that if none is."""
    asked = list(dict.fromkeys(http.form.get("scope", granted).split()))
    if not set(asked) <= set(granted.split()):
        raise InvalidScope("scope goes beyond what was granted")
    return " ".join(asked)


@requirement("RAR-6")
def narrowed_details(http: BackChannelRequest, granted: list[Any]) -> list[Any]:
    """Some of the granted objects, each unchanged; all of them if none is asked for."""
    asked = AuthorizationRequest.parse(
        {"authorization_details": http.form.get("authorization_details")}
    ).authorization_details
    if asked is None:
        return granted
    known = {as_text(detail): detail for detail in granted}
    if not all(as_text(detail) in known for detail in asked):
        raise InvalidAuthorizationDetails("authorization_details go beyond what was granted")
    return [known[as_text(detail)] for detail in asked]
