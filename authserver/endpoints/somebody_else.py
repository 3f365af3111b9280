"""The same request, answered by another person: POST /<ecosystem>/authorize/<handle>/somebody-else.

The request belongs to the first person who signs in. Only in the browser that began it, and only
while nobody has decided, it can be given up for whoever signs in next; what was chosen goes with
the session of the one who chose it.
"""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from authserver.endpoints.front_channel import front_channel
from authserver.interaction import browser
from authserver.protocol.errors import InvalidRequestURI
from authserver.protocol.requirements import case
from authserver.tokens.models import AuthorizationTransaction


@require_POST
@front_channel
@case("AZ-17", "LG-18")
def somebody_else(request: HttpRequest, slug: str, *, handle: str) -> HttpResponse:
    """Sign out, and begin with signing in; what is decided or over says so itself."""
    try:
        interaction = browser.of_request(request, slug, handle)
    except InvalidRequestURI:
        return browser.go_on(slug, handle)
    if AuthorizationTransaction.objects.detach(interaction.transaction, now=interaction.now):
        logout(request)
    return browser.go_on(slug, handle)
