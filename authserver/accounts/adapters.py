"""What allauth asks us: who may sign up, where to go next, how secrets are kept, what is said."""

from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from authserver.accounts import acr
from authserver.accounts.attempts import Try, count
from authserver.accounts.models import User
from authserver.accounts.password_lane import LaneIsFull, require_room
from authserver.accounts.passwords import prepared
from authserver.accounts.usernames import one_spelling
from authserver.protocol.requirements import case
from authserver.storage import encryption
from authserver.web.trusted_proxy import client_address

FRESH = timedelta(minutes=5)  # our choice; also the idle time after strong authentication
LONGEST_NEXT = 512


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "That username and password do not belong together. Check both and try again."
        ),
        "too_many_login_attempts": _(
            "Too many attempts. For your safety, signing in is blocked for five minutes."
        ),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only a path of ours: an absolute URL, even to our own host, is never needed here."""
        return (
            url.startswith("/")
            and len(url) <= LONGEST_NEXT
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    @case("LG-01")
    def counted_by(self, username: str) -> str:
        """What attempts are counted by: the name that is tried, and nothing that a sender adds.

        Every door is one of the same deployment, whatever host it is called under: allauth would
        count by that, too, and whoever can name two would have two budgets.
        """
        return f"password-{one_spelling(username)}"

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Check a password; a person who was switched off is told what everybody is told."""
        require_room()
        attempt = self._counted_attempt(request, credentials["username"])
        try:
            user = authenticate(request, **credentials)
        except LaneIsFull:  # nothing was compared, so nothing was guessed
            attempt.give_back()
            raise
        AuthenticationBackend.unstash_authenticated_user()
        if not isinstance(user, User):
            return None
        attempt.give_back()
        return user

    def _counted_attempt(self, request: HttpRequest, username: str) -> Try:
        attempt = count(request, "login_failed", key=self.counted_by(username))
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        return attempt

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """A new password as it will be hashed; the rules are asked about that one."""
        return str(super().clean_password(prepared(password), user=user))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_signed_out")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_home")

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Sensitive pages want the strongest factor that the person has, shown minutes ago."""
        shown_at = acr.strongest_proof_at(context.request)
        return shown_at is None or timezone.now() - shown_at > FRESH

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, object]]:
        """A person with a second factor shows that one; the password alone resets nothing."""
        methods: list[dict[str, object]] = super().get_reauthentication_methods(user)
        stronger = [method for method in methods if method["id"] != "reauthenticate"]
        return stronger or methods


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code is not right, or was used before. Enter a new one."),
        "few_codes_left": _(
            "That code is not right, or was used before. Wrong codes left before signing in is"
            " blocked until your bank lifts the block: %(left)s."
        ),
        "too_many_codes": _(
            "Too many wrong codes. For your safety, no code is accepted for now. Try again later."
        ),
        "codes_blocked": _(
            "Too many wrong codes. For your safety, no code is accepted until your bank lifts the"
            " block. Please contact it."
        ),
    }

    def get_totp_issuer(self) -> str:
        return str(settings.OPERATOR_NAME)

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the clear text, or raise cryptography's InvalidToken."""
        return encryption.decrypt(encrypted_text)
