"""Token endpoint (RFC 6749, 3.2).

POST /<ecosystem>/token  ->  200 {"access_token": ..., "token_type": "Bearer" | "DPoP",
"expires_in": 300, "scope": ..., "authorization_details": [...], "refresh_token": ...}
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from authserver.endpoints.back_channel import answer, back_channel
from authserver.endpoints.rate_limit import note_guess, throttle_guesses
from authserver.grants import authorization_code, client_credentials, refresh_token
from authserver.protocol.errors import (
    InvalidRequest,
    UnauthorizedClient,
    UnknownGrant,
    UnsupportedGrantType,
)
from authserver.protocol.requirements import requirement
from authserver.web.back_channel_request import BackChannelRequest
from clients.models import Client

Grant = Callable[..., dict[str, Any]]
GRANTS: Mapping[str, Grant] = {
    "authorization_code": authorization_code.exchange,
    "refresh_token": refresh_token.exchange,
    "client_credentials": client_credentials.exchange,
}


@back_channel("/token")
@requirement("RFC6749-3.2", "FAPI2-SP-FINAL-5.3.2.1-1")
def exchange_grant(http: BackChannelRequest, client: Client, *, now: datetime) -> HttpResponse:
    """Give tokens for the grant that the client shows."""
    grant = grant_asked_for(http, client)
    throttle_guesses(client)
    try:
        return answer(grant(http, client, now=now))
    except UnknownGrant:
        note_guess(client)
        raise


@requirement("RFC6749-5.2", "RFC6749-4.5")
def grant_asked_for(http: BackChannelRequest, client: Client) -> Grant:
    """The grant, if it exists here and the client is registered for it."""
    name = http.form.get("grant_type")
    if name is None:
        raise InvalidRequest("grant_type is required")
    if name not in GRANTS or name not in client.ecosystem.rules.grant_types:
        raise UnsupportedGrantType("grant_type is not offered here")
    if name not in client.grant_types:
        raise UnauthorizedClient("the client is not registered for this grant")
    return GRANTS[name]
