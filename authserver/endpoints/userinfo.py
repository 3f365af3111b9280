"""UserInfo endpoint (OpenID Connect Core, 5.3): GET or POST /<ecosystem>/userinfo -> 200."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from authserver.accounts.claims import values
from authserver.audit.trail import record_refusal
from authserver.ecosystems.models import Ecosystem
from authserver.ecosystems.revocation import is_required_in, require_not_revoked
from authserver.endpoints.back_channel import as_registered, interaction_id_was_sent, no_store
from authserver.protocol.errors import InsufficientScope, InvalidToken, OAuthError
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import mtls
from authserver.protocol.specs.claims import Claims
from authserver.protocol.specs.dpop import VerifiedProof
from authserver.replay.models import UsedProof
from authserver.resource.challenge import challenge, status_of
from authserver.resource.possession import Presented, token_in, verify_binding
from authserver.tokens.granted import Granted
from authserver.tokens.models import AccessToken
from authserver.web.back_channel_request import called
from authserver.web.client_certificate import presented_certificate
from authserver.web.machines import for_machines
from clients import registration


@for_machines
def userinfo(request: HttpRequest, slug: str) -> HttpResponse:
    """Say who the person is, to whoever holds the token and its key."""
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    return as_registered(partial(_answered, request), slug)


def _answered(request: HttpRequest, ecosystem: Ecosystem) -> HttpResponse:
    try:
        return no_store(JsonResponse(_claims(request, ecosystem, now=timezone.now())))
    except OAuthError as error:
        record_refusal(error, ecosystem=ecosystem.slug, client_id="", endpoint="/userinfo")
        return no_store(_challenge(error, ecosystem))


@requirement("OIDCC-5.3.2", "OIDCC-5.3.1", "FAPI2-SP-FINAL-5.3.4-2")
def _claims(request: HttpRequest, ecosystem: Ecosystem, *, now: datetime) -> dict[str, object]:
    presented = Presented(
        authorization=request.META.get("HTTP_AUTHORIZATION"),
        method=request.method or "",
        urls=called(request, ecosystem.endpoint_urls("/userinfo")),
        certificate=presented_certificate(request),
        dpop_proof=request.META.get("HTTP_DPOP"),
    )
    try:
        interaction_id_was_sent(request, ecosystem)
        access_token = live_token(token_in(presented)[1], ecosystem, now=now)
    except OAuthError:
        registration.require_current(ecosystem)
        raise
    verify_binding(
        access_token.cnf,
        presented,
        algorithms=ecosystem.rules.signing_algorithms,
        clock_skew=ecosystem.rules.clock_skew,
        consume=_consume,
        binding_required=ecosystem.rules.sender_constraint_required,
        now=now,
    )
    if (
        presented.certificate is not None
        and "x5t#S256" in access_token.cnf
        and is_required_in(ecosystem)
    ):
        certificate_is_not_revoked(presented.certificate, ecosystem, now=now)
    if "openid" not in access_token.scope.split() or access_token.user is None:
        raise InsufficientScope("the token does not cover userinfo")
    assert access_token.application is not None
    granted = Granted(
        client=access_token.application,
        grant_type=access_token.grant_type,
        scope=access_token.scope,
        consent=access_token.consent,
        claims=Claims.from_text(access_token.claims),
    )
    return {**values(access_token.user, granted.told.userinfo), "sub": access_token.subject}


@requirement("RFC6750-3.1")
def live_token(token: str, ecosystem: Ecosystem, *, now: datetime) -> AccessToken:
    """The row of a live token that this ecosystem issued, or InvalidToken.

    RegistrationChanged where the ecosystem at hand is an old copy: the token comes with its own.
    """
    access_token = AccessToken.objects.find_alive(token, ecosystem, now=now, of_a_person=True)
    if access_token is None or access_token.application is None:
        raise InvalidToken("the token is unknown, expired or revoked")
    registration.require_same(ecosystem, access_token.application.ecosystem)
    return access_token


@case("MT-09")
@requirement("RFC5280-6.3.3")
def certificate_is_not_revoked(der: bytes, ecosystem: Ecosystem, *, now: datetime) -> None:
    """What a CA took back proves no key any more: InvalidToken."""
    try:
        require_not_revoked(mtls.parse_der(der), ecosystem, now=now)
    except mtls.BadCertificate as fault:
        raise InvalidToken("the client certificate was revoked", seen=fault.sentence) from None


def _consume(proof: VerifiedProof) -> bool:
    return UsedProof.objects.consume(
        purpose="dpop", owner=proof.jkt, jti=proof.jti, expires_at=proof.expires_at
    )


@requirement("RFC6750-3", "DPOP-7.1")
def _challenge(error: OAuthError, ecosystem: Ecosystem) -> HttpResponse:
    body = {"error": error.code, "error_description": error.public_description}
    response = JsonResponse(body, status=status_of(error))
    algorithms = ecosystem.rules.signing_algorithms
    response["WWW-Authenticate"] = challenge(error, algorithms=algorithms)
    return response
