"""The keys that an ecosystem signs with (RFC 7517): GET /<ecosystem>/jwks."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from authserver.endpoints.back_channel import ecosystem_of
from authserver.keys.signing import public_jwks
from authserver.protocol.requirements import requirement


@require_safe
@requirement("OIDCD-3", "RFC7517-5")
def key_set(request: HttpRequest, slug: str) -> HttpResponse:
    response = JsonResponse(public_jwks(ecosystem_of(slug)))
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response
