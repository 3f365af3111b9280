"""The colours of an ecosystem's pages: GET /<ecosystem>/theme.css; no style is inline."""

from authserver.ecosystems.models import Ecosystem
from authserver.ecosystems.theme import stylesheet
from authserver.endpoints.documents import published


@published("text/css", seconds=86_400, for_any_site=False)
def theme(ecosystem: Ecosystem) -> bytes:
    """GET /<ecosystem>/theme.css; no style is inline."""
    return stylesheet(ecosystem.accent_colour).encode()
