"""My consents: what a person has agreed to, and stopping it.

GET        /consents/                 current or past ones
GET        /consents/<id>             one, as it was approved, with its history
GET        /consents/<id>/receipt     the same for paper
GET, POST  /consents/<id>/revoke      stop it
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from math import ceil
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from authserver.accounts import acr
from authserver.accounts.decorators import signed_in_required, two_factors_required
from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case, requirement
from authserver.web.redirect import SeeOther
from clients.models import Participant
from consents import actions
from consents.history import history_of
from consents.models import IN_USE, Consent
from consents.presentation import agreement_of, state_in_words
from consents.states import IllegalTransition

View = Callable[..., HttpResponse]

PAGE = 10
CURRENT_TAB, HISTORY_TAB = "current", "history"


def for_the_person(view: View) -> View:
    """Let in who is signed in, with as many factors as any ecosystem of theirs demands."""
    by_two_factors = two_factors_required(view)
    by_login = signed_in_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
        guard = by_two_factors if _demands_two_factors(request) else by_login
        response = guard(request, **kwargs)
        # With no referrer at all a browser posts "Origin: null", which CSRF must refuse.
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def _demands_two_factors(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and (
        Enrolment.objects.filter(
            Enrolment.ALIVE.q(),
            Ecosystem.ALIVE.under("ecosystem").q(),
            user=request.user,
            ecosystem__login_policy=Ecosystem.LoginPolicy.TWO_FACTORS,
        ).exists()
    )


@require_safe
@for_the_person
def overview(request: HttpRequest) -> HttpResponse:
    """Current ones or past ones, those in use first; by company where there are several."""
    user = acr.signed_in(request).user
    now = timezone.now()
    tab = HISTORY_TAB if request.GET.get("show") == HISTORY_TAB else CURRENT_TAB
    every = Consent.objects.of_person(user)
    companies = Participant.objects.filter(clients__consents__in=every).distinct()
    chosen = _company(request, companies)
    is_current = Consent.CURRENT.q(now=now)
    listed = every.filter(is_current if tab == CURRENT_TAB else ~is_current)
    if chosen is not None:
        listed = listed.filter(client__participant=chosen)
    page = Paginator(listed.order_by("state", "-state_changed_at"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "tab": tab,
        "page": page,
        "cards": [_card(consent, now=now) for consent in page],
        "companies": companies,
        "company": chosen,
        "has_any": every.exists(),
    }
    return render(request, "consents/list.html", context)


@require_safe
@for_the_person
@case("LG-23")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "consents/detail.html", _all_about(_own(request, pk)))


@require_safe
@for_the_person
@case("LG-23")
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "consents/receipt.html", _all_about(_own(request, pk)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_the_person
@case("LG-23")
@requirement("CBUAE-2.4c")
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once, say what ends and what does not, then end it at once."""
    consent = _own(request, pk)
    now = timezone.now()
    back = reverse("consents:detail", kwargs={"pk": pk})
    if not Consent.CURRENT.holds(consent, now=now):
        messages.info(request, _("This has already ended."))
        return SeeOther(back)
    if request.method != "POST":
        return render(request, "consents/revoke.html", _all_about(consent))
    try:
        actions.revoke(consent, by=acr.signed_in(request).user.username, now=now)
    except IllegalTransition:
        messages.info(request, _("This has already ended."))
    else:
        messages.success(request, _("Stopped. No new access is given."))
    return SeeOther(back)


def _own(request: HttpRequest, pk: UUID) -> Consent:
    """The person's own consent, or 404: another's is as if it did not exist."""
    return get_object_or_404(Consent.objects.of_person(acr.signed_in(request).user), pk=pk)


def _all_about(consent: Consent) -> dict[str, object]:
    now = timezone.now()
    return {
        **_card(consent, now=now),
        "history": history_of(consent, now=now),
        "client": consent.client,
        "now": now,
        "last_minutes": _longest_token(consent),
    }


def _card(consent: Consent, *, now: datetime) -> dict[str, object]:
    is_current = Consent.CURRENT.holds(consent, now=now)
    agreement = agreement_of(consent)
    return {
        "consent": consent,
        "agreement": agreement,
        "more_accounts": max(0, len(agreement.accounts) - 3),
        "state": state_in_words(consent, now=now),
        "can_be_stopped": is_current,
        "ended_at": None if is_current else _end(consent),
    }


def _end(consent: Consent) -> datetime | None:
    """When it ended: by a decision, or by the clock where nobody has noted that yet."""
    return consent.expires_at if consent.state in IN_USE else consent.state_changed_at


def _longest_token(consent: Consent) -> int:
    """Minutes: whoever checks tokens without asking us hears of nothing until they end."""
    return ceil(consent.ecosystem.rules.max_access_token_lifetime / timedelta(minutes=1))


def _company(request: HttpRequest, companies: QuerySet[Participant]) -> Participant | None:
    company_id = request.GET.get("company", "")
    return (
        companies.filter(pk=int(company_id)).first()
        if company_id.isdecimal() and len(company_id) < 18
        else None
    )
