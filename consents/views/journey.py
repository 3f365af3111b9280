"""The journey's pages: choose accounts, then review and decide.

GET, POST  /<ecosystem>/consent/<handle>/accounts   which accounts
GET, POST  /<ecosystem>/consent/<handle>            approve, or do not
POST       /<ecosystem>/consent/<handle>/time       more time, once
"""

from collections.abc import Collection
from http import HTTPStatus

import structlog
from django.http import HttpResponse

from authserver.interaction.screens import Screen, screen
from authserver.interaction.sentences import not_our_form
from authserver.protocol.requirements import case, requirement
from consents import forms, offered_accounts
from consents.account_source import SourceUnavailable
from consents.grant import Grant
from consents.presentation import agreement
from consents.types.detail_type import Accounts

log = structlog.get_logger("consents.views")


@screen("GET", "HEAD", "POST")
@case("AZ-16", "AZ-42")
def accounts(page: Screen) -> HttpResponse:
    """Let the person choose; the bank is asked again for every answer."""
    how_many = offered_accounts.how_many(page.details)
    if how_many is Accounts.NONE:
        return page.go_on()
    try:
        offered = offered_accounts.offered_to(page.enrolment, details=page.details)
    except SourceUnavailable as error:
        log.warning("account_source.failed", ecosystem=page.ecosystem.slug, fault=str(error))
        return page.page("consents/no_accounts.html", {}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    if page.request.method != "POST":
        before = _ticked_before(page)
        form = forms.AccountsForm(offered=offered, how_many=how_many, chosen=before)
        return page.page("consents/accounts.html", {"form": form})
    return _choose(page, forms.AccountsForm(page.request.POST, offered=offered, how_many=how_many))


def _choose(page: Screen, form: forms.AccountsForm) -> HttpResponse:
    try:
        forms.require_offered_accounts(page.request.POST, form)
    except forms.ForeignAnswer:
        return not_our_form(page.request)
    if not form.is_valid():
        return page.page("consents/accounts.html", {"form": form})
    page.choose(form.choices())
    return page.go_on()


@screen("GET", "HEAD", "POST")
@case("AZ-16", "AZ-18", "AZ-19", "AZ-34", "AZ-42")
def review(page: Screen) -> HttpResponse:
    """Say who asks for what until when, and take the decision. The first one stays.

    An approval counts for what its own page showed; where that is not what would be granted, the
    page is shown anew. A refusal counts whatever was shown.
    """
    if page.lacks_accounts:
        return page.go_on()
    grant = page.to_be_granted
    if page.request.method != "POST":
        return page.page("consents/review.html", _shown(page, grant))
    try:
        decision = forms.decision_in(page.request.POST)
    except forms.ForeignAnswer:
        return not_our_form(page.request)
    if decision == forms.APPROVE and not forms.was_shown(page.request.POST, grant.fingerprint()):
        context = _shown(page, grant) | {"is_shown_anew": True}
        return page.page("consents/review.html", context, status=HTTPStatus.CONFLICT)
    page.decide(approved=decision == forms.APPROVE)
    return page.go_on()


@screen("POST")
@requirement("WCAG-2.2.1")
def more_time(page: Screen) -> HttpResponse:
    """Begin the person's time again, once; what is ticked on the page stays ticked."""
    ticked = page.request.POST.getlist("accounts")
    if ticked:
        _keep_ticks(page, ticked)
    page.give_more_time()
    return page.go_on()


def _keep_ticks(page: Screen, ticked: Collection[str]) -> None:
    """A draft is no choice: the page still asks, and only the bank's own accounts are kept."""
    try:
        offered = offered_accounts.offered_to(page.enrolment, details=page.details)
    except SourceUnavailable:
        return
    still_offered = [
        account.id for account in offered if account.shareable and account.id in ticked
    ]
    page.choose({"draft": still_offered})


def _ticked_before(page: Screen) -> Collection[str]:
    chosen = page.choices.get("accounts", ())
    return [each["id"] for each in chosen] or page.choices.get("draft", ())


def _shown(page: Screen, grant: Grant) -> dict[str, object]:
    return {
        "agreement": agreement(grant, ecosystem=page.ecosystem, since=page.now),
        "change_url": page.url("consents:accounts") if grant.accounts else "",
        "shown": grant.fingerprint(),
    }
