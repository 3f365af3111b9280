"""The language of whatever answers a request, decided before anything can refuse it."""

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware

from authserver.protocol.requirements import case


class BoundedLocale(LocaleMiddleware):
    """The language of the page; a header of any length costs the same."""

    longest = 100

    @case("AZ-38")
    def process_request(self, request: HttpRequest) -> None:
        accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if len(accepted) > self.longest:
            accepted = accepted[: self.longest].rpartition(",")[0]
        request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
        super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """A file is one for all languages, and kept as that."""
        if isinstance(response, FileResponse):
            return response
        return super().process_response(request, response)
