"""A request that is not granted: completed without a code, and answered with why."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from authserver.endpoints.front_channel import answer_url, ended_page, send_back
from authserver.interaction.completion import end_without_consent
from authserver.interaction.interaction import Interaction
from authserver.protocol.errors import OAuthError


def refuse(request: HttpRequest, interaction: Interaction, error: OAuthError) -> HttpResponse:
    """Complete the request without a code; a staged consent is rejected with it.

    Who decided so goes back at once; to anybody else a page says first what happened.
    """
    client, by_page = interaction.client, interaction.transaction.page_was_shown
    with transaction.atomic():
        end_without_consent(interaction)
        answer = {"error": error.code, "error_description": error.public_description}
        url = answer_url(client, interaction.authorization_request, answer, now=interaction.now)
        if by_page and not interaction.was_refused_by_the_person:
            return ended_page(request, client, error, url=url)
        return send_back(request, url, client, by_page=by_page)
