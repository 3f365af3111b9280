"""The pages of signing in; allauth's names, since its views find each other by them."""

from collections.abc import Callable

from allauth.account.views import logout, reauthenticate
from allauth.mfa.base.views import reauthenticate as second_factor_again
from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from authserver.accounts import views

# A class-based form takes PUT for POST; nothing here does.
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def page(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> URLPattern:
    return path(route, get_or_post(view), name=name)


urlpatterns = [
    page("", views.home, name="account_home"),
    page("login/", views.SignIn.as_view(), name="account_login"),
    page("logout/", logout, name="account_logout"),
    page("signed-out/", views.signed_out, name="account_signed_out"),
    page("language/", set_language, name="set_language"),
    page("reauthenticate/", reauthenticate, name="account_reauthenticate"),
    page("password/", views.ChangePassword.as_view(), name="account_change_password"),
    page("second-factor/", views.second_factor, name="mfa_index"),
    page("second-factor/enter/", views.SecondFactor.as_view(), name="mfa_authenticate"),
    page("second-factor/again/", second_factor_again, name="mfa_reauthenticate"),
    page("second-factor/set-up/", views.SetUp.as_view(), name="mfa_activate_totp"),
    page("second-factor/set-up/code.svg", views.set_up_picture, name="mfa_set_up_picture"),
    page("second-factor/remove/", views.TakeAway.as_view(), name="mfa_deactivate_totp"),
    page("recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    page(
        "recovery-codes/new/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"
    ),
]
