"""A request that is not granted: completed without a code, and answered with why."""

from django.db import transaction
from django.http import HttpResponse

from authserver.accounts import acr
from authserver.endpoints.front_channel import answer_url, ended_page, send_back
from authserver.interaction.missing import Journey
from authserver.protocol.errors import OAuthError
from authserver.protocol.requirements import requirement
from authserver.tokens.models import AuthorizationTransaction, PushedRequest
from consents import actions as consents
from consents.states import SYSTEM

Decision = AuthorizationTransaction.Decision


def refuse(journey: Journey, error: OAuthError) -> HttpResponse:
    """Complete the request without a code; a staged consent is rejected with it.

    Who decided so goes back at once; to anybody else a page says first what happened.
    """
    found = journey.transaction
    with transaction.atomic():
        PushedRequest.objects.complete(found.pushed_request, now=journey.now)
        staged = found.pushed_request.consent
        if staged is not None:
            consents.reject(staged, by=_refused_by(journey), now=journey.now, user=found.user)
        AuthorizationTransaction.objects.complete(found, now=journey.now)
        answer = {"error": error.code, "error_description": error.public_description}
        url = answer_url(journey.client, journey.wanted, answer, now=journey.now)
        if found.page_was_shown and found.decision != Decision.REFUSED:
            return ended_page(journey.request, journey.client, error, url=url)
        return send_back(journey.request, url, journey.client, by_page=found.page_was_shown)


@requirement("AZ-20")
def _refused_by(journey: Journey) -> str:
    """Whose refusal it is: the person's where they are signed in, else nobody's, or ours."""
    if journey.transaction.decision != Decision.REFUSED:
        return SYSTEM
    found = acr.of_request(journey.request)
    owner = journey.transaction.user
    return owner.username if found and owner and found.user.pk == owner.pk else ""
