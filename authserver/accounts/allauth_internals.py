"""What we use of allauth that it keeps to itself, all in one place, each with why.

It promises nothing of what is below ``internal``, nor of names with an underscore. A test holds
every part of it against the version that is installed. After an update of allauth, look here first.

The records of a session are what acr, amr and auth_time are made of, and a factor that our views
added is written there. A code's step is ours to use up, so codes are computed and compared here.
Factors are made by our actions, with their event, where no request is. Tries at a code are counted
by the rate of those at a password.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, stash_login, unstash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage
from allauth.core.internal.cryptokit import compare_user_code
from allauth.core.internal.ratelimit import RateLimitUsage, consume
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
    "RateLimitUsage",
    "RecoveryCodes",
    "compare_user_code",
    "consume",
    "format_hotp_value",
    "generate_totp_secret",
    "get_authentication_records",
    "hotp_value",
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


class CountsByName:
    """A mixin of allauth's adapter: what tries at a password are counted by, and taking one back.

    allauth counts by the host that was called, too: everybody who can name two has two budgets.
    """

    def counted_by(self, username: str) -> str:
        """The key of the count."""
        return username

    def give_back_try(self) -> None:
        self._rollback_login_failed_rl_usage()  # type: ignore[attr-defined]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        return self.counted_by(credentials["username"])


def tell_of_failure(form: Any, authenticator: Authenticator) -> None:
    """Send the signal of a wrong code, as the form would that looks at codes by itself."""
    form._emit_authentication_failed(authenticator)
