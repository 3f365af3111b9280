"""What we use of allauth that it keeps to itself, all in one place, each with why.

It promises nothing of what is below ``internal``, nor of names with an underscore. A test holds
every part of it against the version that is installed. After an update of allauth, look here first.

The records of a session are what acr, amr and auth_time are made of, and a factor that our views
added is written there. A code's step is ours to use up, so codes are computed and compared here.
Factors are made by our actions, with their event, where no request is. Rates are written as its
settings have them, and what they count by is named as it names it.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, stash_login, unstash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage
from allauth.core.internal.cryptokit import compare_user_code
from allauth.core.internal.ratelimit import Rate, get_cache_key, parse_rates
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.http import HttpRequest

__all__ = [
    "SECRET_SESSION_KEY",
    "TOTP",
    "Rate",
    "RecoveryCodes",
    "compare_user_code",
    "format_hotp_value",
    "generate_totp_secret",
    "get_authentication_records",
    "get_cache_key",
    "hotp_value",
    "parse_rates",
    "record_authentication",
    "yield_hotp_counters_from_time",
]


def login_under_way(request: HttpRequest) -> Login | None:
    """Who has shown a password and no second factor yet: their pages say whose login it is."""
    return unstash_login(request, peek=True)


def following_login_under_way(request: HttpRequest) -> str:
    """The address that it goes on to, empty where there is none: it names the client's request.

    As it stands in the session: whether its time is over is not judged.
    """
    stashed = request.session.get(LOGIN_SESSION_KEY) or {}
    return str(stashed.get("redirect_url") or "")


def lead_login_to(request: HttpRequest, login: Login, address: str) -> None:
    """Let it go on to this address instead: the person came back from another request."""
    login.redirect_url = address
    stash_login(request, login)


class TellsOfResuming:
    """A mixin of allauth's login view: tells when a login that is under way is gone on with."""

    def before_resuming(self, request: HttpRequest, login: Login) -> None:
        """Nothing, unless the view has something to do."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> Any:
        self.before_resuming(request, stage.login)
        return super()._redirect_to_pending_stage(request, stage)  # type: ignore[misc]


def tell_of_failure(form: Any, authenticator: Authenticator) -> None:
    """Send the signal of a wrong code, as the form would that looks at codes by itself."""
    form._emit_authentication_failed(authenticator)
