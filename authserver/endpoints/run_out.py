"""What comes after the end of a person's time: the client is told, and the person led back.

A request whose time is over can be refused, and nothing else: no page of it opens again, and no
code comes of it. It is told to the browser that began it; to every other there is no such request.
"""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from authserver.endpoints.front_channel import answer_url, ended_page, finished_page
from authserver.interaction import browser
from authserver.protocol.errors import AccessDenied, InvalidRequestURI, TimeIsOver
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.models import AuthorizationTransaction, PushedRequest
from clients.models import Client
from consents import actions as consents
from consents.states import SYSTEM


@case("AZ-33")
@requirement("RFC6749-4.1.2.1")
def answer(request: HttpRequest, slug: str, handle: str) -> HttpResponse | None:
    """Refuse the request, once, and lead back to its client; None where there is no such request.

    Loaded again, the page is the same: its answer holds no secret.
    """
    ended = browser.ended(request, slug, handle)
    if ended is None:
        return None
    client, now = ended.pushed_request.client, timezone.now()
    if ended.was_answered_in_time:
        return finished_page(request, client)
    error = TimeIsOver("the time of the person was over", clause="RFC6749-4.1.2.1")
    if not _is_ours_to_refuse(ended, now=now):
        return ended_page(request, client, error, url="", elsewhere=True)
    return ended_page(request, client, error, url=_way_back(client, ended, error, now=now))


def _way_back(
    client: Client, ended: AuthorizationTransaction, error: AccessDenied, *, now: datetime
) -> str:
    """The answer's URL; empty where the client has taken its redirect URI back meanwhile."""
    authorization_request = AuthorizationRequest.from_json(ended.pushed_request.parameters)
    if authorization_request.redirect_uri not in client.registered_redirect_uris:
        return ""
    answer = {"error": error.code, "error_description": error.public_description}
    return answer_url(client, authorization_request, answer, now=now)


@transaction.atomic
def _is_ours_to_refuse(ended: AuthorizationTransaction, *, now: datetime) -> bool:
    """Refuse it now, or know that this browser did; False where another browser answers it."""
    if ended.completed_at is not None:
        return True
    if AuthorizationTransaction.objects.goes_on_elsewhere(ended, now=now):
        return False
    try:
        PushedRequest.objects.complete(ended.pushed_request, now=now)
    except InvalidRequestURI:
        return False
    if (staged := ended.pushed_request.consent) is not None:
        consents.reject(staged, by=SYSTEM, now=now, user=ended.user)
    return AuthorizationTransaction.objects.complete(ended, now=now)
