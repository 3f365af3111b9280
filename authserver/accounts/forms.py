"""The fields of our sign-in pages: allauth's forms with our words, ids and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa import adapter as mfa
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authserver.accounts import code_budget, one_time_codes
from authserver.accounts.allauth_internals import (
    SECRET_SESSION_KEY,
    generate_totp_secret,
    tell_of_failure,
)
from authserver.accounts.attempts import Try, count
from authserver.accounts.code_budget import CodesAreBlocked
from authserver.accounts.models import User
from authserver.accounts.passwords import prepared
from authserver.accounts.usernames import one_spelling
from authserver.protocol.requirements import case

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST_PASSWORD = 256  # our choice: hashing is paid for by us, before anybody is known


class PasswordField(forms.CharField):
    """A password as it is compared and stored, however it was typed (RFC 8265)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, max_length=LONGEST_PASSWORD, **options)

    def to_python(self, value: Any) -> str:
        typed = str(super().to_python(value) or "")
        return prepared(typed) if typed else ""


def password_field(
    *, label: str | _StrPromise, purpose: str, html_id: str, help_text: str | _StrPromise = ""
) -> forms.CharField:
    """``purpose`` is the autocomplete token: current-password or new-password."""
    return PasswordField(
        label=label,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"id": html_id, "autocomplete": purpose}),
    )


class OneTimeInput(forms.TextInput):
    """Never shows again what was typed: the next try needs another code anyway."""

    def format_value(self, value: object) -> None:
        return None


def code_field(*, label: str | _StrPromise, help_text: str | _StrPromise = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=20,
        widget=OneTimeInput(
            attrs={
                "id": "mfa-code",
                "class": "code-input",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
            }
        ),
    )


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username")
        self.fields["login"].widget.attrs = {
            "id": "login-username",
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"] = password_field(
            label=_("Password"), purpose="current-password", html_id="login-password"
        )

    @case("LG-01", "LG-16")
    def clean_login(self) -> str:
        return one_spelling(str(self.cleaned_data["login"]))


def counted_attempt(user: User) -> Try:
    """Count a try at a code before it is looked at, or raise ValidationError: blocked.

    Who succeeds takes back this one try and no other, so that no success of an attacker's wipes
    out what is counted against the address.
    """
    attempt = count(context.request, "login_failed", key=f"second-factor-{user.pk}")
    if attempt is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    return attempt


class OneTimeCode(mfa_forms.BaseAuthenticateForm):
    """Six digits, or a recovery code; each is used up by the first who shows it."""

    code = code_field(label=_("Six-digit code"), help_text=_("From your authenticator app."))

    @case("LG-06")
    def clean_code(self) -> str:
        attempt = counted_attempt(self.user)
        left = self._spent_one()
        code = one_time_codes.in_ascii_digits(self.cleaned_data["code"])
        authenticator = one_time_codes.redeem(code, user=self.user)
        if authenticator is None:
            tell_of_failure(
                self, Authenticator.objects.get(user=self.user, type=Authenticator.Type.TOTP)
            )
            raise self._what_is_left(left)
        authenticator.user = self.user
        self.authenticator = authenticator
        attempt.give_back()
        code_budget.succeed(self.user)
        return code

    def _spent_one(self) -> int:
        try:
            return code_budget.spend(self.user, now=timezone.now())
        except CodesAreBlocked as blocked:
            code = "codes_blocked" if blocked.until_lifted else "too_many_codes"
            raise mfa.get_adapter().validation_error(code) from None

    def _what_is_left(self, left: int) -> forms.ValidationError:
        """Wrong, and how near the end is: whoever reads it has proved the password."""
        adapter = mfa.get_adapter()
        if left == 0:
            code_budget.note_the_end(self.user)
            error: forms.ValidationError = adapter.validation_error("codes_blocked")
            return error
        if left > code_budget.WARNED_FROM:
            error = adapter.validation_error("incorrect_code")
            return error
        return forms.ValidationError(
            adapter.error_messages["few_codes_left"], code="few_codes_left", params={"left": left}
        )


class SecondFactorForm(OneTimeCode, mfa_forms.AuthenticateForm):
    """While signing in."""


class SecondFactorAgainForm(OneTimeCode, mfa_forms.ReauthenticateForm):
    """While signed in, before something sensitive."""


class PasswordAgainForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(
            label=_("Password"), purpose="current-password", html_id="login-password"
        )


class SetUpForm(ActivateTOTPForm):
    """Proves that the person's app has the secret, which waits, encrypted, in the session."""

    code = code_field(label=_("Six-digit code"), help_text=_("The one that your app shows now."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = pending_secret(context.request)

    def clean_code(self) -> str:
        attempt = counted_attempt(self.user)
        code = one_time_codes.in_ascii_digits(self.cleaned_data["code"])
        step = one_time_codes.step_of(code, secret=self.secret)
        if step is None:
            raise mfa.get_adapter().validation_error("incorrect_code")
        self.used_step = step
        attempt.give_back()
        return code


def pending_secret(request: HttpRequest) -> str:
    """The secret being set up: the same one until it is confirmed, so that a reload is safe."""
    encrypted_secret = request.session.get(SECRET_SESSION_KEY)
    if encrypted_secret is None:
        encrypted_secret = request.session[SECRET_SESSION_KEY] = mfa.get_adapter().encrypt(
            generate_totp_secret()
        )
    return str(mfa.get_adapter().decrypt(encrypted_secret))


class PasswordForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = password_field(
            label=_("Current password"), purpose="current-password", html_id="password-current"
        )
        new = self.fields["password1"]
        new.label = _("New password")
        new.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
        new.help_text = _("At least eight characters. Three unrelated words are easy to remember.")
        new.widget.attrs = {"id": "password-new", "autocomplete": "new-password"}
        self.fields["password2"] = password_field(
            label=_("New password, once more"), purpose="new-password", html_id="password-repeat"
        )

    def clean_oldpassword(self) -> str:
        """Counted like a sign-in, so that an open session is no place to guess passwords."""
        assert self.user is not None
        given = str(self.cleaned_data["oldpassword"])
        if not get_adapter().reauthenticate(self.user, given):
            raise get_adapter().validation_error("enter_current_password")
        return given
