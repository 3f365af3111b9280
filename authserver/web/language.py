"""The language of whatever answers a request, decided before anything can refuse it."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from authserver.protocol.requirements import case
from authserver.web.machines import is_for_machines


class BoundedLocale(LocaleMiddleware):
    """The language of the page; a header of any length costs the same.

    A machine is answered in that of the settings, whatever the thread's last page was in.
    """

    longest = 100

    @case("AZ-38")
    def process_request(self, request: HttpRequest) -> None:
        if is_for_machines(request.path_info):
            translation.activate(settings.LANGUAGE_CODE)
            return
        accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if len(accepted) > self.longest:
            accepted = accepted[: self.longest].rpartition(",")[0]
        request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
        super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """A file is one for all languages, and kept as that; so is what a machine gets."""
        if isinstance(response, FileResponse) or is_for_machines(request.path_info):
            return response
        return super().process_response(request, response)
