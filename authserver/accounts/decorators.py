"""Pages for people who are signed in: the guards, and the address that helps who is not."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from authserver.accounts import acr
from authserver.accounts.models import User
from authserver.protocol.requirements import case
from authserver.web.redirect import SeeOther

View = Callable[..., HttpResponse]


def signed_in_required(view: View) -> View:
    """Let in who signed in, by whatever factors they have; send others to sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if acr.of_request(request) is None:
            return to_page("account_login", request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def two_factors_required(view: View) -> View:
    """Let in who proved two factors in this session; send others to what is missing."""

    @wraps(view)
    @case("LG-07")
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        authentication = acr.of_request(request)
        if authentication is None:
            return to_page("account_login", request.get_full_path())
        if authentication.acr != acr.ACR_TWO_FACTORS:
            return to_page(second_factor_page(authentication.user), request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def second_factor_page(user: User) -> str:
    """The URL name of the page where the person can show a second factor, or get one."""
    return "mfa_authenticate" if acr.has_second_factor(user) else "mfa_activate_totp"


def to_page(name: str, next_path: str) -> HttpResponse:
    """To a page of ours that afterwards goes on to a path of ours."""
    return SeeOther(f"{reverse(name)}?{urlencode({'next': next_path})}")
