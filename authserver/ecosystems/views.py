"""An ecosystem's colours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from authserver.ecosystems import theme
from authserver.ecosystems.models import Ecosystem


@require_safe
def stylesheet(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /<ecosystem>/theme.css; no style is inline."""
    ecosystem = get_object_or_404(Ecosystem, Ecosystem.ALIVE.q(), slug=slug)
    response = HttpResponse(theme.stylesheet(ecosystem.accent_colour), content_type="text/css")
    response["Cache-Control"] = "public, max-age=86400"
    return response
