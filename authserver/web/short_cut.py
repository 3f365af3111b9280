"""The way to the views of machines, past everything that only pages need.

A session, a language, a form's token and a message belong to a person's browser. In front of a view
that asks for none of them they cost more than many an answer does.
"""

from collections.abc import Callable
from typing import cast

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase

from authserver.web.machines import match_for_machines
from authserver.web.outage import answer_to

Handler = Callable[[HttpRequest], HttpResponseBase]


class ShortCut:
    """Call a machine's view from here; what stands behind this middleware is for pages.

    That includes their hooks: a middleware of pages never sees a request that has no session.
    """

    def __init__(self, get_response: Handler) -> None:
        self.page = get_response
        self.view = cast(Handler, convert_exception_to_response(_call))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if match_for_machines(request.path_info) is None:
            return self.page(request)
        return self.view(request)


def _call(request: HttpRequest) -> HttpResponseBase:
    match = match_for_machines(request.path_info)
    assert match is not None
    request.resolver_match = match
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except Exception as error:
        if (answer := answer_to(request, error)) is None:
            raise
        return answer
    return response
