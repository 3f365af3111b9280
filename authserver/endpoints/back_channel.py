"""The door for machines: it reads the request, authenticates the client, and renders errors.

Every endpoint behind it authenticates its client by the same gate, so that no sibling path can
forget a check.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from authserver.audit.trail import record_refusal
from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.rate_limit import note_call, note_push, throttle_pushes
from authserver.grants.sender_constraint import require_nonce
from authserver.protocol.errors import (
    InvalidRequest,
    OAuthError,
    TemporarilyUnavailable,
    TooManyRequests,
    UseDPoPNonce,
)
from authserver.protocol.requirements import requirement
from authserver.web.back_channel_request import BackChannelRequest, form_of
from authserver.web.machines import for_machines
from authserver.web.middleware import SENT_ID
from clients import registration
from clients.authentication import authenticate, claimed_client_id
from clients.models import Client
from clients.registration import RegistrationChanged

Endpoint = Callable[..., HttpResponse]
View = Callable[..., HttpResponse]
Judged = TypeVar("Judged")

MOST_JUDGED = 3  # times that a request is judged anew because its registration is being changed


def back_channel(path: str, *, rate_limited: bool = False) -> Callable[[Endpoint], View]:
    """Make a Django view of a function ``(http, client, now=...)`` that answers or raises.

    ``path`` is the endpoint's below the issuer, like ``/par``. Where it is ``rate_limited``, a
    client that is ahead of its rate is turned away before it is authenticated.
    """

    def make(endpoint: Endpoint) -> View:
        @for_machines
        @wraps(endpoint)
        def view(request: HttpRequest, slug: str) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            if rate_limited and (wait := _told_to_wait(request, slug, path)):
                return wait
            client: Client | None = None
            now = timezone.now()
            try:
                http, client = as_registered(partial(_identified, request, path, now=now), slug)
                if rate_limited:
                    note_push(slug, client.client_id)
                interaction_id_was_sent(request, client.ecosystem)
                return no_store(endpoint(http, client, now=now))
            except OAuthError as error:
                identified = client.client_id if client else error.client_id
                record_refusal(error, ecosystem=slug, client_id=identified, endpoint=path)
                return no_store(refusal(error))

        return view

    return make


@requirement("RFC6749-5.2")
def as_registered(judge: Callable[[Ecosystem], Judged], slug: str) -> Judged:
    """What ``judge`` says of a copy of the ecosystem, asked again where the copy is old.

    Http404 where no active ecosystem has this name.
    """
    for _ in range(MOST_JUDGED):
        ecosystem = registration.ecosystem_named(slug)
        if ecosystem is None:
            raise Http404
        with suppress(RegistrationChanged):
            return judge(ecosystem)
    raise TemporarilyUnavailable("the registration is being changed")


def _identified(
    request: HttpRequest, path: str, ecosystem: Ecosystem, *, now: datetime
) -> tuple[BackChannelRequest, Client]:
    """What was sent, and the client that sent it, as it is registered at this moment; or raise."""
    try:
        http = BackChannelRequest.read(request, urls=ecosystem.endpoint_urls(path))
        client = authenticate(
            http, ecosystem, now=now, before_consuming=partial(require_nonce, http, now=now)
        )
    except OAuthError as error:
        if not error.client_id:  # the gate knows nobody, and has not asked about the ecosystem
            registration.require_current(ecosystem)
        raise
    if client.grant_types:  # not a resource server: it asks all day, and about others' tokens
        note_call(ecosystem.slug, client.client_id)
    structlog.contextvars.bind_contextvars(client_id=client.client_id)
    return http, client


def _told_to_wait(request: HttpRequest, slug: str, path: str) -> HttpResponse | None:
    """The refusal of a client that is ahead of its rate; nothing is looked up for it."""
    try:
        throttle_pushes(slug, claimed_client_id(form_of(request)))
    except TooManyRequests as error:
        record_refusal(error, ecosystem=slug, client_id="", endpoint=path)
        return no_store(refusal(error))
    return None


def ecosystem_of(slug: str) -> Ecosystem:
    """Return the active ecosystem, or raise Http404: a path of ours that is nobody's."""
    ecosystem = registration.read_ecosystem(slug)
    if ecosystem is None:
        raise Http404
    return ecosystem


@requirement("CID-SP-4")
def interaction_id_was_sent(request: HttpRequest, ecosystem: Ecosystem) -> None:
    """Some ecosystems want every call to be found again by the name that its sender gave it."""
    rules = ecosystem.rules
    if rules.interaction_id_required and SENT_ID not in request.META:
        raise InvalidRequest(
            "x-fapi-interaction-id is required", clause=rules.clauses["interaction_id_required"]
        )


@requirement("RFC6749-5.2", "OIDCC-3.1.3.4", "PAR-2.3", "RFC6749-4.2.2.1")
def refusal(error: OAuthError) -> HttpResponse:
    """Render an OAuth error (RFC 6749, 5.2); a fixed sentence and a clause, never the input."""
    body = {"error": error.code, "error_description": error.public_description}
    response = JsonResponse(body, status=error.status)
    if isinstance(error, TemporarilyUnavailable):
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, UseDPoPNonce):
        response["DPoP-Nonce"] = error.nonce
    return response


def no_store(response: HttpResponse) -> HttpResponse:
    """What was answered to one is kept by nobody (RFC6749-5.1)."""
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def answer(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> JsonResponse:
    return JsonResponse(body, status=status)
