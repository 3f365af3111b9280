"""Pushed authorization request endpoint (RFC 9126).

POST /<ecosystem>/par  ->  201 {"request_uri": "urn:ietf:params:oauth:request_uri:...",
"expires_in": 90}
"""

from datetime import datetime
from http import HTTPStatus

from django.http import HttpResponse

from authserver.endpoints.back_channel import answer, back_channel
from authserver.grants import sender_constraint
from authserver.interaction.hints import hinted_subject
from authserver.keys.signing import decryption_keys
from authserver.protocol import jose
from authserver.protocol.errors import InvalidDPoPProof, InvalidRequest
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import request_object
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens import audience
from authserver.tokens.models import PushedRequest
from authserver.web.back_channel_request import BackChannelRequest
from clients import permission
from clients.jwks import keys_of
from clients.models import Client
from consents import actions as consents


@back_channel("/par", rate_limited=True)
@requirement("FAPI2-SP-FINAL-5.3.2.2-2", "FAPI2-SP-FINAL-5.3.2.2", "PAR-2")
def push_authorization_request(
    http: BackChannelRequest, client: Client, *, now: datetime
) -> HttpResponse:
    """Hold the client's request to its profile, stage its consent, hand back a request_uri."""
    request_is_no_reference(http)
    evidence = signed_request(http, client, now=now)
    authorization_request = (
        AuthorizationRequest.parse(evidence.claims, signed=True)
        if evidence
        else AuthorizationRequest.parse(
            dict(http.form) | {"resource": http.repeated.get("resource")}
        )
    )
    permission.require_permitted(authorization_request, client)
    consents.require_valid_details(
        authorization_request, client=client, ecosystem=client.ecosystem, now=now
    )
    consents.a_person_can_approve(authorization_request.authorization_details or ())
    audience.servers_for(
        client,
        scope=authorization_request.scope,
        authorization_details=authorization_request.authorization_details or (),
        resource=authorization_request.resource,
    )
    hinted_subject(authorization_request, client)
    dpop_jkt = key_that_the_code_is_for(http, client, authorization_request, now=now)

    lifetime = client.ecosystem.request_uri_lifetime
    staged = consents.staged(
        consents.asked(authorization_request, ecosystem=client.ecosystem, now=now),
        client=client,
        ecosystem=client.ecosystem,
        request_object=evidence.token if evidence else "",
        request_object_key=evidence.key_thumbprint if evidence else "",
    )
    request_uri = PushedRequest.objects.push(
        client=client,
        request=authorization_request,
        dpop_jkt=dpop_jkt,
        staged=staged,
        evidence=evidence,
        lifetime=lifetime,
        now=now,
    )
    return answer(
        {"request_uri": request_uri, "expires_in": int(lifetime.total_seconds())},
        status=HTTPStatus.CREATED,
    )


@requirement("PAR-2.1-2", "PAR-2.1")
def request_is_no_reference(http: BackChannelRequest) -> None:
    """What is pushed is the request itself, never a pointer to another one."""
    if "request_uri" in http.form:
        raise InvalidRequest("request_uri is not allowed here")


@requirement(
    "FAPI2-MS-ID1-5.3.2-1",
    "CBUAE-2.1.9",
    "CBUAE-2.1.12",
    "JAR-4",
    "JAR-6.3",
    "OIDCC-6.1",
    "PAR-2.1-3",
)
def signed_request(
    http: BackChannelRequest, client: Client, *, now: datetime
) -> request_object.VerifiedRequestObject | None:
    """Return what the request object says; nothing beside it counts. None for a plain request."""
    rules = client.ecosystem.rules
    if "request" not in http.form:
        if client.require_signed_request_object or rules.request_object_required:
            raise InvalidRequest("the pushed request must be a signed request object")
        return None
    token = opened(http.form["request"], client)
    return request_object.verify(
        token,
        client_id=client.client_id,
        keys=keys_of(client, name=jose.name_of(token), now=now),
        issuer=client.ecosystem.issuer,
        algorithms=client.signing_algorithms,
        max_lifetime=rules.request_object_lifetime,
        max_age=rules.request_object_age,
        clock_skew=rules.clock_skew,
        now=now,
        clauses={
            "max_lifetime": rules.clauses["request_object_lifetime"],
            "max_age": rules.clauses["request_object_age"],
        },
    )


@requirement("JAR-6.1")
def opened(token: str, client: Client) -> str:
    """The signed request inside one that was encrypted to us; a signed one as it is."""
    if not jose.is_jwe_shape(token):
        return token
    return request_object.decrypt(token, keys=decryption_keys(client.ecosystem))


@requirement("DPOP-10", "DPOP-10.1")
def key_that_the_code_is_for(
    http: BackChannelRequest,
    client: Client,
    authorization_request: AuthorizationRequest,
    *,
    now: datetime,
) -> str:
    """The thumbprint of the DPoP key that the code will be bound to; empty where none is named.

    A proof in the header and ``dpop_jkt`` in the request must name the same key.
    """
    if http.dpop_proof is None:
        return authorization_request.dpop_jkt or ""
    shown = sender_constraint.proven_key(http, client, now=now)
    if authorization_request.dpop_jkt not in (None, shown):
        raise InvalidDPoPProof("dpop_jkt is not the key of the DPoP proof")
    return shown
