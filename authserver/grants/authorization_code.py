"""authorization_code: a code, its verifier and the client's key become tokens (RFC 6749, 4.1.3)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.grants import sender_constraint
from authserver.grants.answer import token_response
from authserver.protocol.errors import InvalidGrant, InvalidTarget
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import pkce
from authserver.protocol.specs.claims import Claims
from authserver.tokens import audience, mint
from authserver.tokens.codes import REFUSAL
from authserver.tokens.models import AuthorizationCode, RefreshToken
from authserver.tokens.validity import lock_caller, lock_person_and_consent
from authserver.web.http import BackChannelRequest
from clients import permission
from clients.models import Client
from consents import actions as consents


@requirement("FAPI2-SP-FINAL-5.3.2.1-9", "RFC6749-4.1.3")
def exchange(http: BackChannelRequest, client: Client, *, now: datetime) -> dict[str, Any]:
    """Return the token response for a code, or raise InvalidGrant."""
    code = AuthorizationCode.objects.find(http.form.get("code", ""), client=client, now=now)
    try:
        code_fits_the_request(code, http)
        code_went_where_it_may(code, client)
        binding = sender_constraint.of(http, client, now=now)
        code_is_bound_to_the_key(code, binding)
    except InvalidGrant:
        AuthorizationCode.objects.consume(code, now=now)  # somebody is guessing
        raise
    granted = _granted(code, client)
    reached = audience.of(
        client,
        scope=granted.scope.split(),
        authorization_details=granted.authorization_details,
        resource=resources_asked_for(http, code.resource),
        within=code.resource,
    )
    return _redeem(code, granted, reached, binding, now=now)


@requirement("RFC6749-4.1.3", "RFC7636-4.6")
def code_fits_the_request(code: AuthorizationCode, http: BackChannelRequest) -> None:
    """The redirect URI is the one that was pushed, and the verifier fits its challenge."""
    if http.form.get("redirect_uri") != code.redirect_uri:
        raise InvalidGrant("redirect_uri is not the one of the request", clause="RFC6749-4.1.3")
    pkce.verify(http.form.get("code_verifier", ""), code.code_challenge)


@requirement("DPOP-10")
def code_is_bound_to_the_key(code: AuthorizationCode, binding: sender_constraint.Binding) -> None:
    if code.dpop_jkt and binding.cnf.get("jkt") != code.dpop_jkt:
        raise InvalidGrant("the DPoP key is not the one of the request")


@requirement("RFC8707-2.2")
def resources_asked_for(http: BackChannelRequest, granted: list[str]) -> tuple[str, ...]:
    """The token request may narrow the resources of the grant, never widen them; () is: no wish."""
    wanted = http.repeated.get("resource", ())
    if granted and not set(wanted) <= set(granted):
        raise InvalidTarget("resource goes beyond what was granted")
    return wanted


@case("CD-15")
@requirement("RFC6749-4.1.3")
def code_went_where_it_may(code: AuthorizationCode, client: Client) -> None:
    """Whoever has the address that the client took back may have the code."""
    if code.redirect_uri not in client.registered_redirect_uris:
        raise InvalidGrant("redirect_uri is not registered for this client any more")


@case("TK-12")
@requirement("RFC6749-5.2")
def what_is_left(
    client: Client, *, scope: str, authorization_details: list[Any], grant_types: Collection[str]
) -> permission.Left:
    """The part of the grant that is still permitted, or InvalidGrant where there is none."""
    left = permission.left_of(
        client,
        scope=scope,
        authorization_details=authorization_details,
        grant_types=grant_types,
    )
    if left is None:
        raise InvalidGrant("the client is not registered for what was granted any more")
    return left


def _granted(code: AuthorizationCode, client: Client) -> mint.Granted:
    left = what_is_left(
        client,
        scope=code.scope,
        authorization_details=code.authorization_details,
        grant_types=permission.BY_CODE,
    )
    return mint.Granted(
        client=client,
        user=code.user,
        consent=code.consent,
        scope=left.scope,
        authorization_details=left.authorization_details,
        auth_time=code.auth_time,
        acr=code.acr,
        amr=code.amr,
        nonce=code.nonce,
        claims=Claims.from_text(code.claims),
        authorization_code=code.pk,
    )


@transaction.atomic
def _redeem(
    code: AuthorizationCode,
    granted: mint.Granted,
    reached: audience.Audience,
    binding: sender_constraint.Binding,
    *,
    now: datetime,
) -> dict[str, Any]:
    lock_caller(granted.client)
    if not AuthorizationCode.objects.consume(code, now=now):
        raise InvalidGrant(REFUSAL, seen="used at the same moment")
    if not lock_person_and_consent(
        client=granted.client.pk, user=code.user_id, consent=code.consent_id, now=now
    ):
        raise InvalidGrant("the consent is not alive", clause="FAPI2-SP-FINAL-5.3.2.2-9")
    access_token, expires_in = mint.access_token(
        granted, audience=reached, cnf=binding.cnf, certificate=binding.certificate, now=now
    )
    assert granted.consent is not None
    consents.mark_used(granted.consent, now=now)
    record(
        Event.TOKEN_ISSUED,
        ecosystem=granted.client.ecosystem.slug,
        client_id=granted.client.client_id,
        subject=str(code.consent_id),
        grant="authorization_code",
    )
    return token_response(
        access_token=access_token,
        expires_in=expires_in,
        binding=binding,
        scope=granted.scope,
        authorization_details=granted.authorization_details,
        refresh_token=_refresh_token(code, granted, expires_in),
        id_token=mint.id_token(granted, access_token=access_token, now=now)
        if "openid" in granted.scope.split()
        else None,
    )


@requirement("CBUAE-2.1.14", "OIDCC-11")
def _refresh_token(code: AuthorizationCode, granted: mint.Granted, expires_in: int) -> str | None:
    """One that ends with the consent, where that outlives the access token."""
    assert granted.consent is not None
    ends = granted.consent.expires_at
    if "refresh_token" not in granted.client.grant_types:
        return None
    if ends is not None and (ends - code.created).total_seconds() <= expires_in:
        return None
    return RefreshToken.objects.issue(code, expires=ends)[1]
