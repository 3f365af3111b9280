"""Asking a person in the browser that began the request: by redirects from page to page."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from authserver.accounts import acr
from authserver.accounts.allauth_internals import following_login_under_way
from authserver.accounts.decorators import second_factor_page
from authserver.interaction.interaction import Interaction, of_transaction
from authserver.interaction.missing import Missing, Step
from authserver.protocol.requirements import case
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
    return of_transaction(
        _transaction(request, slug, handle),
        authentication=acr.of_request(request),
        now=timezone.now(),
    )


def begun(
    request: HttpRequest, transaction: AuthorizationTransaction, *, now: datetime
) -> Interaction:
    """The way through the request that this browser has just begun, or goes on with."""
    slug = transaction.pushed_request.client.ecosystem.slug
    _read(request)[slug, transaction.handle] = transaction
    return of_transaction(transaction, authentication=acr.of_request(request), now=now)


@case("AZ-33")
def ended(request: HttpRequest, slug: str, handle: str) -> AuthorizationTransaction | None:
    """This browser's transaction whose time is over: it can be refused, and nothing else."""
    transaction = _transaction(request, slug, handle)
    over = transaction is not None and not transaction.is_in_time(now=timezone.now())
    return transaction if over else None


def _transaction(request: HttpRequest, slug: str, handle: str) -> AuthorizationTransaction | None:
    """This browser's transaction, read once for all that answer a request: its view, its page.

    What is decided on it is decided by statements that look at the row again.
    """
    read = _read(request)
    if (slug, handle) not in read:
        read[slug, handle] = AuthorizationTransaction.objects.of_browser(
            handle, slug=slug, browser_digest=browser_digest_of(request)
        )
    return read[slug, handle]


def _read(request: HttpRequest) -> dict[tuple[str, str], AuthorizationTransaction | None]:
    transactions: dict[tuple[str, str], AuthorizationTransaction | None]
    transactions = request.__dict__.setdefault("transactions", {})
    return transactions


def ask(request: HttpRequest, interaction: Interaction, missing: Missing) -> HttpResponse:
    """Send the person to the page that can provide what is missing."""
    if missing.anew:
        logout(request)
    page = SeeOther(_page(interaction, missing.step))
    if interaction.transaction.unstored:
        interaction.transaction.page_was_shown = True
        AuthorizationTransaction.objects.store(interaction.transaction)
        return page
    is_theirs = AuthorizationTransaction.objects.show_page(interaction.transaction)
    return page if is_theirs else go_on(interaction.ecosystem.slug, interaction.transaction.handle)


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
