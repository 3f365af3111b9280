"""The door for machines: it reads the request, authenticates the client, and renders errors.

Every endpoint behind it authenticates its client by the same gate, so that no sibling path can
forget a check.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.db.models import SlugField
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
from authserver.storage.prepared import Parameter, Prepared
from authserver.web.back_channel_request import BackChannelRequest, form_of
from authserver.web.machines import for_machines
from clients.authentication import authenticate, claimed_client_id
from clients.models import Client

Endpoint = Callable[..., HttpResponse]
View = Callable[..., HttpResponse]


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
            ecosystem = ecosystem_of(slug)
            client: Client | None = None
            now = timezone.now()
            try:
                http = BackChannelRequest.read(request, urls=ecosystem.endpoint_urls(path))
                client = _identified(http, ecosystem, now=now)
                if rate_limited:
                    note_push(slug, client.client_id)
                interaction_id_was_sent(request, ecosystem)
                return no_store(endpoint(http, client, now=now))
            except OAuthError as error:
                identified = client.client_id if client else error.client_id
                record_refusal(error, ecosystem=slug, client_id=identified, endpoint=path)
                return no_store(refusal(error))

        return view

    return make


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
    ecosystem = _active.first(slug=slug)
    if ecosystem is None:
        raise Http404
    return ecosystem


_active = Prepared(
    lambda: Ecosystem.objects.filter(Ecosystem.ALIVE.q(), slug=Parameter("slug", SlugField()))
)


@requirement("CID-SP-4")
def interaction_id_was_sent(request: HttpRequest, ecosystem: Ecosystem) -> None:
    """Some ecosystems want every call to be found again by the name that its sender gave it."""
    rules = ecosystem.rules
    if rules.interaction_id_required and "x-fapi-interaction-id" not in request.headers:
        raise InvalidRequest(
            "x-fapi-interaction-id is required", clause=rules.clauses["interaction_id_required"]
        )


def _identified(http: BackChannelRequest, ecosystem: Ecosystem, *, now: datetime) -> Client:
    client = authenticate(
        http, ecosystem, now=now, before_consuming=partial(require_nonce, http, now=now)
    )
    if client.grant_types:  # not a resource server: it asks all day, and about others' tokens
        note_call(ecosystem.slug, client.client_id)
    structlog.contextvars.bind_contextvars(client_id=client.client_id)
    return client


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
