"""Revocation endpoint (RFC 7009): POST /<ecosystem>/revoke  ->  200, whatever the token was."""

from datetime import datetime

from django.http import HttpResponse

from authserver.endpoints.back_channel import back_channel
from authserver.protocol.errors import InvalidRequest
from authserver.protocol.requirements import requirement
from authserver.tokens.actions import revoke
from authserver.web.back_channel_request import BackChannelRequest
from clients.models import Client


@back_channel("/revoke")
@requirement("RFC7009-2.1", "RFC7009-2.2")
def revoke_token(http: BackChannelRequest, client: Client, *, now: datetime) -> HttpResponse:
    """Revoke the client's own token; another client's, or an unknown one, stays as it is."""
    if "token" not in http.form:
        raise InvalidRequest("token is required")
    revoke(http.form["token"], client=client, now=now)
    return HttpResponse(status=200, content_type="application/json")
