"""refresh_token: a new access token while the consent lives, bound to the key presented now."""

from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.grants import sender_constraint
from authserver.grants.answer import token_response
from authserver.grants.authorization_code import resources_asked_for, what_is_left
from authserver.protocol.errors import InvalidAuthorizationDetails, InvalidGrant, InvalidScope
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest, as_text
from authserver.protocol.specs.claims import Claims
from authserver.tokens import audience, mint
from authserver.tokens.models import RefreshToken
from authserver.tokens.validity import lock_caller, lock_person_and_consent
from authserver.web.http import BackChannelRequest
from clients import permission
from clients.models import Client
from consents import actions as consents


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
        grant_types=permission.BY_REFRESH,
    )
    granted = mint.Granted(
        client=client,
        user=refresh.user,
        consent=refresh.consent,
        scope=narrowed_scope(http, left.scope),
        authorization_details=narrowed_details(http, left.authorization_details),
        auth_time=refresh.auth_time,
        acr=refresh.acr,
        amr=refresh.amr,
        claims=Claims.from_text(refresh.claims),
        authorization_code=refresh.authorization_code_id,
        refresh_token=refresh,
    )
    reached = audience.of(
        client,
        scope=granted.scope.split(),
        authorization_details=granted.authorization_details,
        resource=resources_asked_for(http, refresh.resource),
        within=refresh.resource,
    )
    return _issue(granted, reached, binding, now=now)


@requirement("RFC6749-6")
def narrowed_scope(http: BackChannelRequest, granted: str) -> str:
    """The scope asked for, if it is part of what was granted; all of that if none is."""
    wanted = list(dict.fromkeys(http.form.get("scope", granted).split()))
    if not set(wanted) <= set(granted.split()):
        raise InvalidScope("scope goes beyond what was granted")
    return " ".join(wanted)


@requirement("RAR-6")
def narrowed_details(http: BackChannelRequest, granted: list[Any]) -> list[Any]:
    """Some of the granted objects, each unchanged; all of them if none is asked for."""
    wanted = AuthorizationRequest.parse(
        {"authorization_details": http.form.get("authorization_details")}
    ).authorization_details
    if wanted is None:
        return granted
    known = {as_text(detail): detail for detail in granted}
    if not all(as_text(detail) in known for detail in wanted):
        raise InvalidAuthorizationDetails("authorization_details go beyond what was granted")
    return [known[as_text(detail)] for detail in wanted]


@transaction.atomic
def _issue(
    granted: mint.Granted,
    reached: audience.Audience,
    binding: sender_constraint.Binding,
    *,
    now: datetime,
) -> dict[str, Any]:
    assert granted.user is not None
    assert granted.consent is not None
    lock_caller(granted.client)
    if not lock_person_and_consent(
        client=granted.client.pk, user=granted.user.pk, consent=granted.consent.pk, now=now
    ):
        raise InvalidGrant("the consent is not alive")
    access_token, expires_in = mint.access_token(
        granted, audience=reached, cnf=binding.cnf, certificate=binding.certificate, now=now
    )
    consents.mark_used(granted.consent, now=now)
    record(
        Event.TOKEN_REFRESHED,
        ecosystem=granted.client.ecosystem.slug,
        client_id=granted.client.client_id,
        subject=str(granted.consent.pk),
    )
    return token_response(
        access_token=access_token,
        expires_in=expires_in,
        binding=binding,
        scope=granted.scope,
        authorization_details=granted.authorization_details,
    )
