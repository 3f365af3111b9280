"""Asking a person in the browser that began the request: by redirects from page to page."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from authserver.accounts import acr
from authserver.accounts.allauth_internals import following_login_under_way
from authserver.accounts.decorators import second_factor_page
from authserver.interaction import interaction as interactions
from authserver.interaction.interaction import Interaction
from authserver.interaction.missing import Missing, Step
from authserver.tokens.models import AuthorizationTransaction
from authserver.tokens.transactions import browser_digest_of
from authserver.web.redirect import SeeOther

STEP_OF = {
    "account_login": Step.SIGN_IN,
    "mfa_authenticate": Step.SECOND_FACTOR,
    "mfa_reauthenticate": Step.SECOND_FACTOR,
    "mfa_activate_totp": Step.SECOND_FACTOR,
    "mfa_view_recovery_codes": Step.SECOND_FACTOR,
    "consents:accounts": Step.ACCOUNTS,
    "consents:review": Step.REVIEW,
}


def of_request(request: HttpRequest, slug: str, handle: str) -> Interaction:
    """This browser's way through the request; InvalidRequestURI if there is none that lives."""
    return interactions.find(
        slug,
        handle,
        browser_digest=browser_digest_of(request),
        authentication=acr.of_request(request),
        now=timezone.now(),
    )


def ended(request: HttpRequest, slug: str, handle: str) -> AuthorizationTransaction | None:
    """This browser's transaction whose time is over."""
    return interactions.find_ended(
        slug, handle, browser_digest=browser_digest_of(request), now=timezone.now()
    )


def ask(request: HttpRequest, interaction: Interaction, missing: Missing) -> HttpResponse:
    """Send the person to the page that can provide what is missing."""
    if missing.anew:
        logout(request)
    AuthorizationTransaction.objects.show_page(interaction.transaction)
    return SeeOther(_page(interaction, missing.step))


def _page(interaction: Interaction, step: Step) -> str:
    slug, handle = interaction.ecosystem.slug, interaction.transaction.handle
    if step is Step.ACCOUNTS:
        return reverse("consents:accounts", args=[slug, handle])
    if step is Step.REVIEW:
        return reverse("consents:review", args=[slug, handle])
    name = "account_login"
    if step is Step.SECOND_FACTOR:
        assert interaction.authentication is not None, "a second factor comes after the first"
        name = second_factor_page(interaction.authentication.user)
    return f"{reverse(name)}?{urlencode({'next': resume_url(slug, handle)})}"


def go_on(slug: str, handle: str) -> HttpResponse:
    """Back to where it is judged what comes next."""
    return SeeOther(resume_url(slug, handle))


def resume_url(slug: str, handle: str) -> str:
    return reverse("authorize-resume", args=[slug, handle])


def cancel_url(slug: str, handle: str) -> str:
    return reverse("authorize-cancel", args=[slug, handle])


def somebody_else_url(slug: str, handle: str) -> str:
    return reverse("authorize-somebody-else", args=[slug, handle])


def view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def named_by(request: HttpRequest) -> tuple[str, str] | None:
    """Ecosystem and handle of the request that a page is on the way through.

    From the page's own address, from where it goes on to, or from the login that is half done.
    """
    if request.resolver_match and "handle" in request.resolver_match.kwargs:
        return _named_in(request.resolver_match.kwargs)
    following = request.POST.get("next") or request.GET.get("next")
    following = following or following_login_under_way(request)
    if not following:
        return None
    try:
        match = resolve(urlsplit(following).path)
    except (Resolver404, ValueError):
        return None
    return _named_in(match.kwargs)


def _named_in(kwargs: Mapping[str, object]) -> tuple[str, str] | None:
    slug_and_handle = str(kwargs.get("slug", "")), str(kwargs.get("handle", ""))
    return slug_and_handle if all(slug_and_handle) else None
