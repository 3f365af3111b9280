"""What allauth and Django tell about logins becomes audit events; a proof renews the session."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import authentication_step_completed, password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from authserver.accounts import acr
from authserver.accounts.middleware import login_begins
from authserver.accounts.models import User
from authserver.audit.events import Event
from authserver.audit.trail import record, tally


@receiver(authentication_step_completed, dispatch_uid="renew_session")
def renew_session(request: HttpRequest, **kwargs: Any) -> None:
    """After every factor the session has another id: one that was planted stays anonymous."""
    request.session.cycle_key()


@receiver(user_logged_in, dispatch_uid="login_succeeded")
def login_succeeded(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.user = user
    login_begins(request.session)
    authentication = acr.of_request(request)
    record(
        Event.LOGIN_SUCCEEDED,
        actor=user.username,
        subject=str(user.uid),
        acr=authentication.acr if authentication else "",
        address=_address(request),
    )


@receiver(user_login_failed, dispatch_uid="login_failed")
def login_failed(
    credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """One statement for a name that exists and for one that does not: the answer takes as long.

    The names that exist are few, and each is tried five times in five minutes at most; a try at
    any other is counted. Such a name is not kept, nor logged; it may be a password typed into the
    wrong field.
    """
    user = User.objects.filter(username__iexact=credentials.get("username", "")).first()
    address = _address(request)
    if user is None:
        tally(Event.LOGIN_FAILED, factor="password", address=address)
    else:
        record(Event.LOGIN_FAILED, subject=str(user.uid), factor="password", address=address)


@receiver(authentication_failed, dispatch_uid="second_factor_failed")
def second_factor_failed(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    record(
        Event.LOGIN_FAILED,
        subject=str(user.uid),
        factor=authenticator.type,
        address=_address(request),
    )


@receiver(user_logged_out, dispatch_uid="logged_out")
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(Event.LOGGED_OUT, actor=user.username, subject=str(user.uid))


@receiver(password_changed, dispatch_uid="password_was_changed")
def password_was_changed(user: User, **kwargs: Any) -> None:
    record(Event.PASSWORD_CHANGED, actor=user.username, subject=str(user.uid))


def _address(request: HttpRequest | None) -> str:
    return str(get_adapter().get_client_ip(request)) if request is not None else ""
