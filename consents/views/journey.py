"""The journey's pages: choose accounts, then review and decide.

GET, POST  /<ecosystem>/consent/<handle>/accounts   which accounts
GET, POST  /<ecosystem>/consent/<handle>            approve, or do not
POST       /<ecosystem>/consent/<handle>/time       more time, once
"""

from collections.abc import Collection
from http import HTTPStatus

import structlog
from django.http import HttpResponse
from django.urls import reverse

from authserver.protocol.requirements import requirement
from authserver.tokens.models import AuthorizationTransaction
from consents import actions, forms, offered_accounts
from consents.account_source import SourceUnavailable
from consents.presentation import Agreement, agreement
from consents.types.detail_type import Accounts
from consents.views.step import Step, on_the_way, sorry_page

log = structlog.get_logger("consents.views")

Decision = AuthorizationTransaction.Decision


@on_the_way("GET", "HEAD", "POST")
@requirement("AZ-16", "AZ-42")
def accounts(step: Step) -> HttpResponse:
    """Let the person choose; the bank is asked again for every answer."""
    wanted = offered_accounts.how_many(step.details)
    if wanted is Accounts.NONE:
        return step.go_on()
    try:
        offered = offered_accounts.offered_to(step.enrolment, details=step.details)
    except SourceUnavailable as error:
        log.warning("account_source.failed", ecosystem=step.ecosystem.slug, fault=str(error))
        return step.page("consents/no_accounts.html", {}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    if step.request.method != "POST":
        before = _ticked_before(step)
        form = forms.AccountsForm(offered=offered, wanted=wanted, chosen=before)
        return step.page("consents/accounts.html", {"form": form})
    return _choose(step, forms.AccountsForm(step.request.POST, offered=offered, wanted=wanted))


def _choose(step: Step, form: forms.AccountsForm) -> HttpResponse:
    try:
        forms.hold_to_offered_accounts(step.request.POST, form)
    except forms.ForeignAnswer:
        return sorry_page(step.request)
    if not form.is_valid():
        return step.page("consents/accounts.html", {"form": form})
    AuthorizationTransaction.objects.choose(step.transaction, dict(form.choices()))
    return step.go_on()


@on_the_way("GET", "HEAD", "POST")
@requirement("AZ-16", "AZ-18", "AZ-19", "AZ-42")
def review(step: Step) -> HttpResponse:
    """Say who asks for what until when, and take the decision. The first one stays."""
    needs_accounts = offered_accounts.how_many(step.details) is not Accounts.NONE
    if needs_accounts and not step.transaction.choices.get("accounts"):
        return step.go_on()
    if step.request.method != "POST":
        return step.page("consents/review.html", _asked_context(step))
    try:
        decision = forms.decision_in(step.request.POST)
    except forms.ForeignAnswer:
        return sorry_page(step.request)
    AuthorizationTransaction.objects.decide(
        step.transaction,
        Decision.APPROVED if decision == forms.APPROVE else Decision.REFUSED,
    )
    return step.go_on()


@on_the_way("POST")
@requirement("WCAG-2.2.1")
def more_time(step: Step) -> HttpResponse:
    """Begin the person's time again, once; what is ticked on the page stays ticked."""
    ticked = step.request.POST.getlist("accounts")
    if ticked:
        _keep_ticks(step, ticked)
    AuthorizationTransaction.objects.extend(
        step.transaction, by=step.ecosystem.transaction_lifetime, now=step.now
    )
    return step.go_on()


def _keep_ticks(step: Step, ticked: Collection[str]) -> None:
    """A draft is no choice: the page still asks, and only the bank's own accounts are kept."""
    try:
        offered = offered_accounts.offered_to(step.enrolment, details=step.details)
    except SourceUnavailable:
        return
    kept = [account.id for account in offered if account.shareable and account.id in ticked]
    AuthorizationTransaction.objects.choose(step.transaction, {"draft": kept})


def _ticked_before(step: Step) -> Collection[str]:
    chosen = step.transaction.choices.get("accounts", ())
    return [each["id"] for each in chosen] or step.transaction.choices.get("draft", ())


def _asked_context(step: Step) -> dict[str, object]:
    asked = _asked(step)
    address = reverse("consents:accounts", args=[step.ecosystem.slug, step.transaction.handle])
    return {"agreement": asked, "change_url": address if asked.accounts else ""}


def _asked(step: Step) -> Agreement:
    staged = step.transaction.pushed_request.consent
    asked = (
        staged.grant
        if staged
        else actions.asked(step.wanted, ecosystem=step.ecosystem, now=step.now)
    )
    grant = asked.with_choices(step.transaction.choices)
    return agreement(grant, ecosystem=step.ecosystem, since=step.now)
