"""client_credentials: a client acts for itself; no person, no consent, no refresh token."""

from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.grants import sender_constraint
from authserver.grants.answer import token_response
from authserver.protocol.errors import InvalidScope
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens import audience, mint
from authserver.tokens.validity import lock_caller
from authserver.web.http import BackChannelRequest
from clients import permission
from clients.models import Client
from consents import actions as consents


@requirement("RFC6749-4.4.2", "FFI-4")
def exchange(http: BackChannelRequest, client: Client, *, now: datetime) -> dict[str, Any]:
    """Return the token response for the client itself, or raise."""
    scope = allowed_scope(http, client)
    wanted = AuthorizationRequest.parse(
        {"authorization_details": http.form.get("authorization_details")}
    )
    consents.require_valid_details(wanted, client=client, ecosystem=client.ecosystem, now=now)
    consents.no_person_is_needed(wanted.authorization_details or ())
    granted = mint.Granted(
        client=client,
        scope=" ".join(scope),
        authorization_details=list(wanted.authorization_details or ()),
    )
    reached = audience.of(
        client,
        scope=scope,
        authorization_details=granted.authorization_details,
        resource=http.repeated.get("resource", ()),
    )
    binding = sender_constraint.of(http, client, now=now)
    return _issue(granted, reached, binding, now=now)


@requirement("FFI-7", "FFI-8", "FFI-14", "RFC6749-3.3")
def allowed_scope(http: BackChannelRequest, client: Client) -> list[str]:
    """The scope asked for, if the client may have it without a person."""
    wanted = list(dict.fromkeys(http.form.get("scope", "").split()))
    if not wanted and client.ecosystem.rules.scope_required:
        raise InvalidScope(
            "scope is required", clause=client.ecosystem.rules.clauses["scope_required"]
        )
    if not set(wanted) <= permission.scopes(client) & set(
        client.ecosystem.client_credentials_scopes
    ):
        raise InvalidScope("scope is not allowed for this client", clause="RFC6749-3.3")
    return wanted


@transaction.atomic
def _issue(
    granted: mint.Granted,
    reached: audience.Audience,
    binding: sender_constraint.Binding,
    *,
    now: datetime,
) -> dict[str, Any]:
    lock_caller(granted.client)
    access_token, expires_in = mint.access_token(
        granted, audience=reached, cnf=binding.cnf, certificate=binding.certificate, now=now
    )
    record(
        Event.TOKEN_ISSUED,
        ecosystem=granted.client.ecosystem.slug,
        actor=granted.client.client_id,
        client_id=granted.client.client_id,
        grant="client_credentials",
    )
    return token_response(
        access_token=access_token,
        expires_in=expires_in,
        binding=binding,
        scope=granted.scope,
        authorization_details=granted.authorization_details,
    )
