"""Authorization endpoint (RFC 6749, 3.1; RFC 9126, 4): a loop of "what is still missing?".

GET  /<ecosystem>/authorize?client_id=...&request_uri=...   opens a transaction
GET  /<ecosystem>/authorize/<handle>                        goes on with it
POST /<ecosystem>/authorize/<handle>/cancel                 gives it up
"""

import secrets
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints import run_out
from authserver.endpoints.back_channel import as_registered, ecosystem_of
from authserver.endpoints.front_channel import answer_url, finished_page, front_channel, send_back
from authserver.endpoints.refusing import refuse
from authserver.interaction import browser, hints
from authserver.interaction.completion import give, require_something_to_stand_on
from authserver.interaction.interaction import Interaction, require_a_way_back
from authserver.interaction.missing import what_is_missing
from authserver.protocol.errors import AccessDenied, InvalidRequest, InvalidRequestURI, OAuthError
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.handles import new_handle
from authserver.tokens.models import AuthorizationTransaction, PushedRequest
from authserver.tokens.pushed_requests import digest_of
from authserver.tokens.transactions import BROWSER_COOKIE, browser_digest_of
from authserver.web.redirect import SeeOther
from clients.registration import require_current
from consents.actions import NothingStored

Decision = AuthorizationTransaction.Decision
ONLY_PARAMETERS = {"client_id", "request_uri"}


@require_safe
@front_channel
@requirement("PAR-4", "FAPI2-SP-FINAL-5.3.2.2-2", "FAPI2-MS-ID1-5.3.1-1")
def open_request(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the pushed request in this browser, and go on as far as that goes without the person."""
    return as_registered(partial(_opened, request), slug)


def _opened(request: HttpRequest, ecosystem: Ecosystem) -> HttpResponse:
    now = timezone.now()
    try:
        parameters_are_those_of_a_reference(request, ecosystem)
        pushed = PushedRequest.objects.open(
            request.GET["request_uri"],
            client_id=request.GET["client_id"],
            ecosystem=ecosystem,
            now=now,
        )
    except InvalidRequestURI:
        require_current(ecosystem)
        begun = AuthorizationTransaction.objects.of_request(
            digest_of(request.GET["request_uri"]),
            client_id=request.GET["client_id"],
            browser_digest=browser_digest_of(request),
        )
        if begun is None or begun.was_answered_in_time:
            raise
        return browser.go_on(ecosystem.slug, begun.handle)
    except OAuthError:
        require_current(ecosystem)
        raise
    asked = AuthorizationRequest.from_json(pushed.parameters)
    require_a_way_back(asked, pushed.client)
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    cookie = request.COOKIES.get(BROWSER_COOKIE) or secrets.token_urlsafe(32)
    begun = AuthorizationTransaction.objects.begin(
        pushed, browser=cookie, lifetime=ecosystem.transaction_lifetime, now=now
    )
    response = _go_on(request, browser.begun(request, begun, now=now))
    _keep(response, BROWSER_COOKIE, cookie)
    chosen = hints.language(asked, pushed.client)
    if chosen is not None and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@requirement("PAR-4", "FAPI2-SP-FINAL-5.3.2.2-2", "FAPI2-MS-ID1-5.3.1-1")
def parameters_are_those_of_a_reference(request: HttpRequest, ecosystem: Ecosystem) -> None:
    """All else is in what was pushed; whether more may stand beside it the profile says."""
    for name in ONLY_PARAMETERS:
        if len(request.GET.getlist(name)) != 1:
            raise InvalidRequest("client_id and request_uri are required, each once")
    if ecosystem.rules.parameters_outside == "refused" and set(request.GET) != ONLY_PARAMETERS:
        raise InvalidRequest(
            "only client_id and request_uri are allowed here",
            clause=ecosystem.rules.clauses["parameters_outside"],
        )


def _keep(response: HttpResponse, name: str, value: str) -> None:
    """A cookie until the browser is closed."""
    response.set_cookie(name, value, secure=True, httponly=True, samesite="Lax")


@front_channel
@case("ER-07")
@requirement("OIDCC-3.1.2.3", "RFC6749-4.1.2")
def resume(request: HttpRequest, slug: str, *, handle: str) -> HttpResponse:
    """Send the person to the page that can provide what is missing, or answer the client."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        interaction = _interaction(request, slug, handle)
    except InvalidRequestURI:
        over = run_out.answer(request, slug, handle)
        if over is None:
            raise
        return over
    if interaction.transaction.completed_at is not None:
        return finished_page(request, interaction.client)
    return _go_on(request, interaction)


@case("ER-07")
@requirement("OIDCC-3.1.2.3", "RFC6749-4.1.2")
def _go_on(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    """Ask for what is missing, or answer the client."""
    if interaction.was_refused_by_the_person:
        refused = AccessDenied("the person did not approve", clause="RFC6749-4.1.2.1")
        return refuse(request, interaction, refused)
    try:
        missing = what_is_missing(interaction)
    except OAuthError as error:
        return refuse(request, interaction, error)
    if missing is None:
        return _send_code(request, interaction)
    if "none" in interaction.prompts:
        return refuse(request, interaction, missing.error)
    return browser.ask(request, interaction, missing)


@require_POST
@front_channel
@requirement("OIDCC-3.1.2.6", "OIDCC-3.3.2.6", "RFC6749-4.1.2.1")
def cancel(request: HttpRequest, slug: str, *, handle: str) -> HttpResponse:
    """Give the request up, on any page of the way; what is over already says so itself."""
    try:
        interaction = _interaction(request, slug, handle)
    except InvalidRequestURI:
        return browser.go_on(slug, handle)
    AuthorizationTransaction.objects.decide(interaction.transaction, Decision.REFUSED)
    return browser.go_on(slug, handle)


def _interaction(request: HttpRequest, slug: str, handle: str) -> Interaction:
    """This browser's way through the request, where there is a way back to its client."""
    try:
        interaction = browser.of_request(request, slug, handle)
    except InvalidRequestURI:
        ecosystem_of(slug)
        raise
    require_a_way_back(interaction.authorization_request, interaction.client)
    return interaction


def _send_code(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    """Complete the request: consent, code and the use of request_uri are one statement.

    The answer is written before: where that fails, the person can load the page again.
    """
    client, code = interaction.client, new_handle()
    response = send_back(
        request,
        answer_url(client, interaction.authorization_request, {"code": code}, now=interaction.now),
        client,
        by_page=interaction.transaction.page_was_shown,
        approved=True,
    )
    try:
        give(interaction, code=code)
    except AccessDenied as error:
        return refuse(request, interaction, error)
    except NothingStored:
        return _judged_anew(request, interaction)
    return response


def _judged_anew(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    """Say why nothing was given; where it is only another than it was, the browser asks again."""
    try:
        require_something_to_stand_on(interaction)
    except AccessDenied as error:
        return refuse(request, interaction, error)
    return SeeOther(request.get_full_path())
