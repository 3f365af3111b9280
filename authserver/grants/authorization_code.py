"""authorization_code: a code, its verifier and the client's key become tokens (RFC 6749, 4.1.3)."""

from datetime import datetime
from typing import Any

from authserver.grants import sender_constraint
from authserver.grants.issuance import issue
from authserver.grants.permitted import resources_asked_for, what_is_left
from authserver.protocol.errors import InvalidGrant
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import pkce
from authserver.protocol.specs.claims import Claims
from authserver.tokens.codes import REFUSAL
from authserver.tokens.granted import Granted
from authserver.tokens.models import AuthorizationCode
from authserver.web.back_channel_request import BackChannelRequest
from clients.models import Client

GRANT_TYPE = "authorization_code"


@requirement("FAPI2-SP-FINAL-5.3.2.1-9", "RFC6749-4.1.3")
def exchange(http: BackChannelRequest, client: Client, *, now: datetime) -> dict[str, Any]:
    """Return the token response for a code, or raise InvalidGrant."""
    code = AuthorizationCode.objects.find(http.form.get("code", ""), client=client, now=now)
    try:
        code_fits_the_request(code, http)
        redirect_uri_is_still_registered(code, client)
        binding = sender_constraint.of(http, client, now=now)
        code_is_bound_to_the_key(code, binding)
    except InvalidGrant:
        AuthorizationCode.objects.consume(code, now=now)  # somebody is guessing
        raise
    return issue(
        _granted(code, client),
        binding=binding,
        resource=resources_asked_for(http, code.resource),
        consumed=AuthorizationCode.objects.consumption(code, now=now),
        used=InvalidGrant(REFUSAL, seen="used at the same moment"),
        clause="FAPI2-SP-FINAL-5.3.2.2-9",
        now=now,
    )


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


@case("CD-15")
@requirement("RFC6749-4.1.3")
def redirect_uri_is_still_registered(code: AuthorizationCode, client: Client) -> None:
    """Whoever has the address that the client took back may have the code."""
    if code.redirect_uri not in client.registered_redirect_uris:
        raise InvalidGrant("redirect_uri is not registered for this client any more")


def _granted(code: AuthorizationCode, client: Client) -> Granted:
    left = what_is_left(
        client,
        scope=code.scope,
        authorization_details=code.authorization_details,
        grant_types=(GRANT_TYPE,),
    )
    return Granted(
        client=client,
        grant_type=GRANT_TYPE,
        user=code.user,
        consent=code.consent,
        scope=left.scope,
        authorization_details=left.authorization_details,
        resource=code.resource,
        auth_time=code.auth_time,
        acr=code.acr,
        amr=code.amr,
        nonce=code.nonce,
        claims=Claims.from_text(code.claims),
        authorization_code=code.pk,
    )
