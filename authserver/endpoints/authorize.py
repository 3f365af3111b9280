"""Authorization endpoint (RFC 6749, 3.1; RFC 9126, 4): a loop of "what is still missing?".

GET  /<ecosystem>/authorize?client_id=...&request_uri=...   opens a transaction
GET  /<ecosystem>/authorize/<handle>                        goes on with it
POST /<ecosystem>/authorize/<handle>/cancel                 gives it up
"""

import secrets
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from authserver.accounts import acr
from authserver.endpoints import run_out
from authserver.endpoints.back_channel import ecosystem_of
from authserver.endpoints.front_channel import (
    answer_url,
    finished_page,
    front_channel,
    send_back,
    there_is_a_way_back,
)
from authserver.endpoints.refusing import refuse
from authserver.interaction import hints
from authserver.interaction.missing import Journey, what_is_missing
from authserver.protocol.errors import AccessDenied, InvalidRequest, InvalidRequestURI, OAuthError
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.protocol.specs.claims import Claims
from authserver.tokens.liveness import hold
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction, PushedRequest
from authserver.tokens.pushed_requests import digest_of
from authserver.tokens.transactions import BROWSER_COOKIE, browser_digest_of
from consents import actions as consents
from consents.models import Consent

Decision = AuthorizationTransaction.Decision
ONLY_PARAMETERS = {"client_id", "request_uri"}


@require_safe
@front_channel
@requirement("PAR-4", "FAPI2-SP-FINAL-5.3.2.2-2", "FAPI2-MS-ID1-5.3.1-1")
def open_request(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the pushed request in this browser, and go on."""
    ecosystem = ecosystem_of(slug)
    now = timezone.now()
    for name in ONLY_PARAMETERS:
        if len(request.GET.getlist(name)) != 1:
            raise InvalidRequest("client_id and request_uri are required, each once")
    if ecosystem.rules.parameters_outside == "refused" and set(request.GET) != ONLY_PARAMETERS:
        raise InvalidRequest(
            "only client_id and request_uri are allowed here",
            clause=ecosystem.rules.clauses["parameters_outside"],
        )
    try:
        pushed = PushedRequest.objects.open(
            request.GET["request_uri"],
            client_id=request.GET["client_id"],
            ecosystem=ecosystem,
            now=now,
        )
    except InvalidRequestURI:
        begun = AuthorizationTransaction.objects.of_request(
            digest_of(request.GET["request_uri"]),
            client_id=request.GET["client_id"],
            browser_digest=browser_digest_of(request),
        )
        if begun is None or begun.was_answered_in_time:
            raise
        return redirect(reverse("authorize-resume", args=[slug, begun.handle]))
    asked = AuthorizationRequest.from_json(pushed.parameters)
    there_is_a_way_back(asked, pushed.client)
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    browser = request.COOKIES.get(BROWSER_COOKIE) or secrets.token_urlsafe(32)
    opened = AuthorizationTransaction.objects.open(
        pushed, browser=browser, lifetime=ecosystem.transaction_lifetime, now=now
    )
    response = redirect(reverse("authorize-resume", args=[slug, opened.handle]))
    _keep(response, BROWSER_COOKIE, browser)
    chosen = hints.language(asked, pushed.client)
    if chosen is not None and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    """A cookie until the browser is closed."""
    response.set_cookie(name, value, secure=True, httponly=True, samesite="Lax")


@front_channel
@requirement("OIDCC-3.1.2.3", "RFC6749-4.1.2", "ER-07")
def resume(request: HttpRequest, slug: str, *, handle: str) -> HttpResponse:
    """Send the person to the page that can provide what is missing, or answer the client."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        journey = journey_of(request, slug, handle)
    except InvalidRequestURI:
        over = run_out.answer(request, ecosystem_of(slug), handle, now=timezone.now())
        if over is None:
            raise
        return over
    if journey.transaction.completed_at is not None:
        return finished_page(request, journey.client)
    if journey.transaction.decision == Decision.REFUSED:
        refused = AccessDenied("the person did not approve", clause="RFC6749-4.1.2.1")
        return refuse(journey, refused)
    try:
        missing = what_is_missing(journey)
    except OAuthError as error:
        return refuse(journey, error)
    if missing is None:
        return _send_code(journey)
    if "none" in journey.prompts:
        return refuse(journey, missing.error)
    AuthorizationTransaction.objects.show_page(journey.transaction)
    return redirect(missing.url)


@require_POST
@front_channel
@requirement("OIDCC-3.1.2.6", "OIDCC-3.3.2.6", "RFC6749-4.1.2.1")
def cancel(request: HttpRequest, slug: str, *, handle: str) -> HttpResponse:
    """Give the request up, on any page of the journey; what is over already says so itself."""
    try:
        journey = journey_of(request, slug, handle)
    except InvalidRequestURI:
        return redirect(reverse("authorize-resume", args=[slug, handle]))
    AuthorizationTransaction.objects.decide(journey.transaction, Decision.REFUSED)
    return redirect(journey.resume_url)


def journey_of(request: HttpRequest, slug: str, handle: str) -> Journey:
    ecosystem = ecosystem_of(slug)
    now = timezone.now()
    try:
        found = AuthorizationTransaction.objects.of_browser(
            handle, browser_digest=browser_digest_of(request), now=now
        )
    except AuthorizationTransaction.DoesNotExist:
        raise InvalidRequestURI(
            "this request is not open in this browser, or its time is over", clause="PAR-4"
        ) from None
    client = found.pushed_request.client
    if client.ecosystem_id != ecosystem.pk or not client.is_allowed_in:
        raise InvalidRequestURI("request_uri is unknown, expired or used", clause="PAR-4")
    wanted = AuthorizationRequest.from_json(found.pushed_request.parameters)
    there_is_a_way_back(wanted, client)
    return Journey(
        request=request,
        transaction=found,
        wanted=wanted,
        client=client,
        ecosystem=ecosystem,
        now=now,
    )


def _send_code(journey: Journey) -> HttpResponse:
    """Complete the request: consent, code and the use of request_uri are one transaction.

    The answer is written before it ends: where that fails, the person can load the page again.
    """
    try:
        with transaction.atomic():
            PushedRequest.objects.complete(journey.transaction.pushed_request, now=journey.now)
            consent = _consent(journey)
            code = _code(journey, consent)
            AuthorizationTransaction.objects.complete(journey.transaction, now=journey.now)
            return send_back(
                journey.request,
                answer_url(journey.client, journey.wanted, {"code": code}, now=journey.now),
                journey.client,
                by_page=journey.transaction.page_was_shown,
                approved=True,
            )
    except AccessDenied as error:
        return refuse(journey, error)


def _consent(journey: Journey) -> Consent:
    """The staged consent, approved; or one to the scopes: given now, or remembered."""
    user = acr.signed_in(journey.request).user
    staged = journey.transaction.pushed_request.consent
    if staged is not None:
        return consents.approve(
            staged, user=user, choices=journey.transaction.choices, now=journey.now
        )
    if journey.transaction.decision == Decision.APPROVED:
        return consents.approve_scopes(
            client=journey.client,
            user=user,
            ecosystem=journey.ecosystem,
            asked=journey.asked,
            request_object=journey.transaction.pushed_request.request_object,
            request_object_key=journey.transaction.pushed_request.request_object_key,
            now=journey.now,
        )
    remembered = consents.remembered(
        client=journey.client, user=user, asked=journey.asked, now=journey.now
    )
    if remembered is None:
        raise AccessDenied("the consent was stopped meanwhile", clause="CBUAE-2.4c")
    return remembered


def _code(journey: Journey, consent: Consent) -> str:
    authentication = acr.signed_in(journey.request)
    if not hold(
        client=journey.client.pk,
        user=authentication.user.pk,
        consent=consent.pk,
        now=journey.now,
    ):
        raise AccessDenied(
            "the client, the person or the consent is not active", clause="RFC6749-4.1.2.1"
        )
    return AuthorizationCode.objects.issue(
        client=journey.client,
        request=journey.wanted,
        authentication=authentication,
        consent=consent,
        scope=" ".join(journey.wanted.scope),
        claims=Claims.asked_for(journey.wanted.claims).as_text(),
        authorization_details=consents.granted_details(consent),
        dpop_jkt=journey.transaction.pushed_request.dpop_jkt,
        lifetime=journey.ecosystem.authorization_code_lifetime,
        now=journey.now,
    )


def redirect(url: str) -> HttpResponse:
    """A 303: whatever came before, the next request is a GET (RFC9700-4.12)."""
    response = HttpResponse(status=HTTPStatus.SEE_OTHER)
    response["Location"] = url
    return response
