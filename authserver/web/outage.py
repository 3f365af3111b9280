"""The database away, full or too slow is 503 and "try again", never a guess; so is a flood."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from authserver.protocol.requirements import case
from authserver.web import pages
from authserver.web.busy import ServerIsBusy

Handler = Callable[[HttpRequest], HttpResponseBase]


@case("ER-05", "LG-21")
def answer_to(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """What is answered where a view raised this; None where it is no outage."""
    if isinstance(error, ServerIsBusy):
        return pages.busy(request, retry_after=error.retry_after)
    if isinstance(error, (OperationalError, InterfaceError)):
        return pages.outage(request, error)
    return None


class Outage:
    """The same for the views of pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_to(request, error)
