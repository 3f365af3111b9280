"""The way to the views of machines, past everything that only pages need.

A session, a language, a form's token and a message belong to a person's browser. In front of a view
that asks for none of them they cost more than many an answer does.
"""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils import translation

from authserver.web.machines import match_for_machines
from authserver.web.middleware import InteractionId, OneHost, SecurityHeaders
from authserver.web.outage import answer_to
from authserver.web.readable import Readable

Handler = Callable[[HttpRequest], HttpResponseBase]


class ShortCut:
    """Call a machine's view from here; the list of middlewares behind this one is for pages.

    What every request and every answer passes is made of the same parts on both ways.
    """

    def __init__(self, get_response: Handler) -> None:
        self.page = get_response
        self.secured = SecurityMiddleware(cast(Callable[[HttpRequest], HttpResponse], _call))
        answered = _converted(OneHost(Readable(self._by_tls)))
        self.machine = InteractionId(_converted(SecurityHeaders(answered)))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = match_for_machines(request.path_info)
        if match is None:
            return self.page(request)
        request.resolver_match = match
        if translation.get_language() != settings.LANGUAGE_CODE:  # of the thread's last page
            translation.activate(settings.LANGUAGE_CODE)
        response = self.machine(request)
        if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def _by_tls(self, request: HttpRequest) -> HttpResponseBase:
        return self.secured.process_request(request) or _call(request)


def _converted(handler: Handler) -> Handler:
    """What it raises is answered as what any middleware raises."""
    return cast(Handler, convert_exception_to_response(handler))


def _call(request: HttpRequest) -> HttpResponseBase:
    match = request.resolver_match
    assert match is not None
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except Exception as error:
        if (answer := answer_to(request, error)) is None:
            raise
        return answer
    return response
