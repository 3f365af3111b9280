"""What happens on the way to a page whose request is over."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from authserver.interaction import browser
from authserver.protocol.requirements import case

Handler = Callable[[HttpRequest], HttpResponseBase]

# These say nothing that is worth keeping once the time is over. Setting a factor up does: what was
# set up stays, and its recovery codes are shown once.
OVER_WITH_THE_TIME = frozenset(browser.STEP_OF) - {"mfa_activate_totp", "mfa_view_recovery_codes"}


class PagesOutOfTime:
    """Lead from a page of signing in to the end of the request that it was for, once that is over.

    The pages that have the request in their address do so themselves.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @case("AZ-33")
    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if browser.view_name(request) not in OVER_WITH_THE_TIME:
            return None
        named = browser.named_by(request)
        if named is None or browser.ended(request, *named) is None:
            return None
        return browser.go_on(*named)
