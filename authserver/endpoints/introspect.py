"""Introspection endpoint (RFC 7662, RFC 9701): POST /<ecosystem>/introspect -> 200, by a
registered resource server about a token of its own audience."""

from datetime import datetime

from django.http import HttpResponse

from authserver.endpoints.back_channel import answer, back_channel
from authserver.keys.signing import sign
from authserver.protocol import jose
from authserver.protocol.errors import InvalidRequest
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import introspection
from authserver.tokens import audience
from authserver.tokens.models import AccessToken
from authserver.web.back_channel_request import BackChannelRequest
from clients.models import Client

SIGNED = "application/token-introspection+jwt"


@back_channel("/introspect")
@requirement("RFC7662-2.1", "RFC7662-2.2", "FFI-13")
def introspect_token(http: BackChannelRequest, client: Client, *, now: datetime) -> HttpResponse:
    """Say what the token allows; to anybody it is not for, exactly that it is not active."""
    if "token" not in http.form:
        raise InvalidRequest("token is required")
    access_token = token_for(client, http.form["token"], now=now)
    body = introspection.response(_facts(access_token) if access_token else None)
    if not (client.introspection_signed_response or SIGNED in http.accept):
        return answer(body)
    claims = introspection.jwt_claims(
        body, issuer=client.ecosystem.issuer, audience=client.client_id, now=now
    )
    signed = sign(
        client.ecosystem,
        purpose=jose.Purpose.INTROSPECTION,
        claims=claims,
        algorithm=client.id_token_signed_response_alg,
    )
    return HttpResponse(signed, content_type=SIGNED)


@requirement("RFC7662-4")
def token_for(client: Client, token: str, *, now: datetime) -> AccessToken | None:
    """The live token, if the caller is a resource server in its audience."""
    servers = audience.active_servers(client.ecosystem)
    server = next((each for each in servers if each.client_id == client.pk), None)
    if server is None:
        return None
    access_token = AccessToken.objects.find_alive(token, client.ecosystem, now=now)
    if access_token is None or server.identifier not in access_token.resource:
        return None
    types = [detail["type"] for detail in access_token.authorization_details]
    if not audience.is_reached(server, scope=access_token.scope.split(), types=types):
        return None
    return access_token


def _facts(token: AccessToken) -> introspection.TokenFacts:
    assert token.application is not None
    return introspection.TokenFacts(
        issuer=token.application.ecosystem.issuer,
        subject=token.subject,
        client_id=token.application.client_id,
        audience=tuple(token.resource),
        scope=token.scope,
        authorization_details=token.authorization_details,
        cnf=token.cnf,
        jti=token.jti,
        token_type="DPoP" if "jkt" in token.cnf else "Bearer",
        issued_at=token.created,
        expires_at=token.expires,
        auth_time=token.auth_time,
        acr=token.acr or None,
    )
