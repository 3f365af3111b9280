"""How long a login lasts."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from authserver.accounts.models import User
from authserver.protocol.requirements import case

Handler = Callable[[HttpRequest], HttpResponseBase]


class Idle:
    """End a login that nobody used for a while, or that is old whatever happened meanwhile.

    ``began`` and ``seen`` are seconds since 1970 in the session. A page that asks by itself would
    keep a login alive for ever if ``seen`` were all.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @case("LG-11")
    def process_view(self, request: HttpRequest, *view: object) -> None:
        """Only before a view of ours: an unknown path and a machine cost no look at a session."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._end_if_over(request)

    def _end_if_over(self, request: HttpRequest) -> None:
        now = _seconds()
        began, seen = request.session.get("began", now), request.session.get("seen", now)
        idle = _longest_idle(request)
        if now - seen > idle or now - began > settings.SESSION_COOKIE_AGE:
            logout(request)
            return
        step = timedelta(seconds=30).total_seconds()
        if "began" not in request.session or now - seen > step:
            request.session.update({"began": began, "seen": now})


def login_begins(session: SessionBase) -> None:
    """Note it with what the sign-in stores anyway, so that the next page has nothing to store."""
    now = _seconds()
    session.update({"began": now, "seen": now})


def _seconds() -> int:
    return int(timezone.now().timestamp())


def _longest_idle(request: HttpRequest) -> int:
    """Operators work in it all day; a person is here for two minutes (PSD2 RTS, article 4)."""
    operator = isinstance(request.user, User) and request.user.is_staff
    return int(settings.OPERATOR_IDLE_SECONDS if operator else settings.SESSION_IDLE_SECONDS)
