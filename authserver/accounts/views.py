"""The pages of signing in and of a person's account: allauth's views, with our rules."""

from typing import Any
from urllib.parse import urlencode

from allauth.account import views as account
from allauth.account.mixins import NextRedirectMixin
from allauth.account.models import Login
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from authserver.accounts import acr, actions, forms
from authserver.accounts.allauth_internals import (
    SECRET_SESSION_KEY,
    TellsOfResuming,
    lead_login_to,
    record_authentication,
)
from authserver.accounts.attempts import count
from authserver.accounts.decorators import signed_in_required, to_page, two_factors_required
from authserver.accounts.models import User
from authserver.protocol.requirements import case
from authserver.web.pages import too_many_requests
from authserver.web.redirect import SeeOther


class SignIn(TellsOfResuming, account.LoginView):
    @case("LG-02")
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "GET" and count(request, "login") is None:
            return too_many_requests(request)
        if request.user.is_authenticated and acr.of_request(request) is None:
            logout(request)  # a session that cannot say how it began proves nothing
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def before_resuming(self, request: HttpRequest, login: Login) -> None:
        """Whoever comes back from another request goes on with that one, not with the first."""
        if address := get_next_redirect_url(request):
            lead_login_to(request, login, address)


class SecondFactor(mfa.AuthenticateView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        authentication = acr.of_request(request)
        if authentication is not None and authentication.acr != acr.ACR_TWO_FACTORS:
            return to_page("mfa_reauthenticate", get_login_redirect_url(request))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@method_decorator(signed_in_required, name="dispatch")
class SetUp(NextRedirectMixin, totp.ActivateTOTPView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        authentication = acr.of_request(request)
        if authentication is not None and acr.has_second_factor(authentication.user):
            return SeeOther(get_next_redirect_url(self.request) or reverse("mfa_index"))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super(totp.ActivateTOTPView, self).get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return {**context, "secret": " ".join(groups), "next": get_next_redirect_url(self.request)}

    def form_valid(self, form: forms.SetUpForm) -> HttpResponse:
        user = acr.signed_in(self.request).user
        added = actions.add_second_factor(
            user, secret=form.secret, by=user.username, used_step=form.used_step
        )
        del self.request.session[SECRET_SESSION_KEY]
        record_authentication(
            self.request, user, "mfa", id=added.pk, type=added.type, reauthenticated=True
        )
        return self._to_the_recovery_codes()

    def _to_the_recovery_codes(self) -> HttpResponse:
        following = get_next_redirect_url(self.request)
        query = f"?{urlencode({'next': following})}" if following else ""
        return SeeOther(reverse("mfa_view_recovery_codes") + query)


@require_safe
@signed_in_required
def set_up_picture(request: HttpRequest) -> HttpResponse:
    """The secret being set up, as a QR code; it exists only while it waits to be confirmed."""
    adapter = get_adapter()
    user = acr.signed_in(request).user
    picture = adapter.build_totp_svg(adapter.build_totp_url(user, forms.pending_secret(request)))
    return HttpResponse(picture, content_type="image/svg+xml")


@method_decorator(signed_in_required, name="dispatch")
class TakeAway(totp.DeactivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        user = acr.signed_in(self.request).user
        actions.remove_second_factor(user, by=user.username)
        messages.success(self.request, _("Your second factor is switched off."))
        return SeeOther(reverse("mfa_index"))


@method_decorator(signed_in_required, name="dispatch")
class RecoveryCodes(recovery.ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "next": get_next_redirect_url(self.request)}


@method_decorator(signed_in_required, name="dispatch")
class NewRecoveryCodes(recovery.GenerateRecoveryCodesView):
    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever got in by one of the old codes is asked again, except in this session."""
        authentication = acr.signed_in(self.request)
        shown_at = acr.strongest_proof_at(self.request)
        renewed = actions.renew_recovery_codes(authentication.user, by=authentication.user.username)
        if shown_at is not None and "otp" not in authentication.amr:
            record_authentication(
                self.request,
                authentication.user,
                "mfa",
                id=renewed.pk,
                type=renewed.type,
                at=shown_at.timestamp(),
            )
        return SeeOther(reverse("mfa_view_recovery_codes"))


@method_decorator(two_factors_required, name="dispatch")
class ChangePassword(account.PasswordChangeView):
    @method_decorator(transaction.atomic)
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        return response


@require_safe
@signed_in_required
def home(request: HttpRequest) -> HttpResponse:
    """Your account: what can be looked at and changed."""
    assert isinstance(request.user, User)
    return render(
        request,
        "account/home.html",
        {"has_second_factor": acr.has_second_factor(request.user)},
    )


@require_safe
@signed_in_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second factor: there or not, and how many recovery codes are left."""
    assert isinstance(request.user, User)
    codes = Authenticator.objects.filter(
        user=request.user, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return render(
        request,
        "mfa/index.html",
        {
            "has_second_factor": acr.has_second_factor(request.user),
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        },
    )


@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return SeeOther(reverse("account_home"))
    return render(request, "account/signed_out.html")
