"""client_credentials: a client acts for itself; no person, no consent, no refresh token."""

from datetime import datetime
from typing import Any

from authserver.grants import sender_constraint
from authserver.grants.issuance import issue
from authserver.protocol.errors import InvalidScope
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.granted import Granted
from authserver.web.back_channel_request import BackChannelRequest
from clients import permission
from clients.models import Client
from consents import actions as consents

GRANT_TYPE = "client_credentials"


@requirement("RFC6749-4.4.2", "FFI-4")
def exchange(http: BackChannelRequest, client: Client, *, now: datetime) -> dict[str, Any]:
    """Return the token response for the client itself, or raise."""
    scope = allowed_scope(http, client)
    asked = AuthorizationRequest.parse(
        {"authorization_details": http.form.get("authorization_details")}
    )
    consents.require_valid_details(asked, client=client, ecosystem=client.ecosystem, now=now)
    consents.no_person_is_needed(asked.authorization_details or ())
    granted = Granted(
        client=client,
        grant_type=GRANT_TYPE,
        scope=" ".join(scope),
        authorization_details=list(asked.authorization_details or ()),
    )
    return issue(
        granted,
        binding=sender_constraint.of(http, client, now=now),
        resource=http.repeated.get("resource", ()),
        now=now,
    )


@requirement("FFI-7", "FFI-8", "FFI-14", "RFC6749-3.3")
def allowed_scope(http: BackChannelRequest, client: Client) -> list[str]:
    """The scope asked for, if the client may have it without a person."""
    asked = list(dict.fromkeys(http.form.get("scope", "").split()))
    if not asked and client.ecosystem.rules.scope_required:
        raise InvalidScope(
            "scope is required", clause=client.ecosystem.rules.clauses["scope_required"]
        )
    if not set(asked) <= permission.scopes(client) & set(
        client.ecosystem.client_credentials_scopes
    ):
        raise InvalidScope("scope is not allowed for this client", clause="RFC6749-3.3")
    return asked
