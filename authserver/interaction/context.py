"""What every page may know of the request that the person is on the way through: template context.

The pages of signing in serve many ecosystems and know none of them; this looks up, from the
address they are asked for, whose journey it is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from authserver.accounts import acr
from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import requirement
from authserver.tokens.models import AuthorizationTransaction
from authserver.tokens.transactions import browser_digest_of
from consents import types

Handler = Callable[[HttpRequest], HttpResponseBase]

SIGN_IN, SECOND_FACTOR, ACCOUNTS, REVIEW = "sign in", "second factor", "accounts", "review"
STEP_OF = {
    "account_login": SIGN_IN,
    "mfa_authenticate": SECOND_FACTOR,
    "mfa_reauthenticate": SECOND_FACTOR,
    "mfa_activate_totp": SECOND_FACTOR,
    "mfa_view_recovery_codes": SECOND_FACTOR,
    "consents:accounts": ACCOUNTS,
    "consents:review": REVIEW,
}
# These say nothing that is worth keeping once the time is over. Setting a factor up does: what was
# set up stays, and its recovery codes are shown once.
OVER_WITH_THE_TIME = frozenset(STEP_OF) - {"mfa_activate_totp", "mfa_view_recovery_codes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose page it is: name, mark and colours, the law and the help, the languages."""

    name: str
    mark: str
    theme_url: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    support: str = ""
    languages: tuple[tuple[str, str], ...] = tuple(settings.LANGUAGES)

    @property
    def support_url(self) -> str:
        return self.support if self.support.startswith("https://") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Who sent the person here, and how far they are. ``step`` 0 means: no step of the way."""

    client_name: str
    legal_name: str
    registration_number: str
    ecosystem: Ecosystem
    handle: str
    step: int
    steps: int
    cancel_url: str

    @property
    def marks(self) -> Collection[bool]:
        return [number < self.step for number in range(self.steps)]


def on_page(request: HttpRequest) -> dict[str, object]:
    """The context processor; nothing is looked up unless a template asks."""
    journey = cache(lambda: _journey(request))
    return {
        "journey": SimpleLazyObject(journey),
        "brand": SimpleLazyObject(lambda: _brand(request, journey())),
    }


def _journey(request: HttpRequest) -> Journey | None:
    found = _transaction(request)
    if found is None:
        return None
    client = found.pushed_request.client
    steps = _steps(request, found)
    here = STEP_OF.get(_view_name(request), "")
    return Journey(
        client_name=client.participant.trading_name,
        legal_name=client.participant.legal_name,
        registration_number=client.participant.registration_number,
        ecosystem=client.ecosystem,
        handle=found.handle,
        step=steps.index(here) + 1 if here in steps else 0,
        steps=len(steps),
        cancel_url=reverse("authorize-cancel", args=[client.ecosystem.slug, found.handle]),
    )


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


class TimeIsOver:
    """Lead from a page of signing in to the end of the request that it was for, once that is over.

    The pages of consents, which have the request in their address, do so themselves.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @requirement("AZ-33")
    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if _view_name(request) not in OVER_WITH_THE_TIME or not (handle := _handle(request)):
            return None
        over = AuthorizationTransaction.objects.that_ran_out(
            handle, browser_digest=browser_digest_of(request), now=timezone.now()
        )
        if over is None:
            return None
        slug = over.pushed_request.client.ecosystem.slug
        response = HttpResponse(status=HTTPStatus.SEE_OTHER)
        response["Location"] = reverse("authorize-resume", args=[slug, handle])
        return response


def _transaction(request: HttpRequest) -> AuthorizationTransaction | None:
    handle = _handle(request)
    if not handle:
        return None
    try:
        return AuthorizationTransaction.objects.of_browser(
            handle, browser_digest=browser_digest_of(request), now=timezone.now()
        )
    except AuthorizationTransaction.DoesNotExist:
        return None


def _handle(request: HttpRequest) -> str:
    """From the address itself, from where it goes on to, or from the login that is half done."""
    if request.resolver_match and "handle" in request.resolver_match.kwargs:
        return str(request.resolver_match.kwargs["handle"])
    half_done = request.session.get(LOGIN_SESSION_KEY) or {}
    following = request.POST.get("next") or request.GET.get("next") or half_done.get("redirect_url")
    if not following:
        return ""
    try:
        match = resolve(urlsplit(following).path)
    except (Resolver404, ValueError):
        return ""
    return str(match.kwargs.get("handle", ""))


def _steps(request: HttpRequest, found: AuthorizationTransaction) -> list[str]:
    """The pages of this way; who was signed in before it began has fewer."""
    authentication = acr.of_request(request)
    client = found.pushed_request.client
    two_factors = client.ecosystem.login_policy == Ecosystem.LoginPolicy.TWO_FACTORS
    steps = []
    if authentication is None or authentication.auth_time >= found.opened_at:
        steps = [SIGN_IN, SECOND_FACTOR] if two_factors else [SIGN_IN]
    elif two_factors and authentication.acr != acr.ACR_TWO_FACTORS:
        steps = [SECOND_FACTOR]
    details = found.pushed_request.parameters.get("authorization_details") or ()
    if any(_needs_accounts(detail.get("type", "")) for detail in details):
        steps.append(ACCOUNTS)
    return [*steps, REVIEW]


def _needs_accounts(name: str) -> bool:
    found = types.find(name)
    return found is not None and found.needs_accounts


def _brand(request: HttpRequest, journey: Journey | None) -> Brand:
    ecosystem = journey.ecosystem if journey else _ecosystem(request)
    if ecosystem is None:
        return Brand(name=settings.OPERATOR_NAME, mark=settings.OPERATOR_NAME[:1])
    offered = set(ecosystem.languages) or {code for code, _ in settings.LANGUAGES}
    theme = reverse("theme", args=[ecosystem.slug])
    return Brand(
        name=ecosystem.name,
        mark=ecosystem.logo_text or ecosystem.name[:1],
        theme_url=f"{theme}?{ecosystem.accent_colour.removeprefix('#')}",
        privacy_url=ecosystem.privacy_url,
        terms_url=ecosystem.terms_url,
        support=ecosystem.support,
        languages=tuple(each for each in settings.LANGUAGES if each[0] in offered),
    )


def _ecosystem(request: HttpRequest) -> Ecosystem | None:
    """The one that the address names, or the only one that the person is in."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    if slug:
        return Ecosystem.objects.filter(slug=slug, is_active=True).first()
    if not isinstance(request.user, User):
        return None
    found = Ecosystem.objects.filter(
        enrolments__user=request.user, enrolments__is_active=True, is_active=True
    )[:2]
    return found[0] if len(found) == 1 else None
