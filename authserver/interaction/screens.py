"""The door to the pages on the way: whose request is this, and may this browser decide it?

What is missing is never judged here: whoever lacks something goes back to where it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse

from authserver.accounts.enrolments import active_enrolment
from authserver.accounts.models import Enrolment
from authserver.ecosystems.models import Ecosystem
from authserver.interaction import browser, sentences
from authserver.interaction.interaction import Decision, Interaction
from authserver.interaction.missing import accounts_are_missing, is_still_permitted
from authserver.interaction.rules import is_strong_enough
from authserver.protocol.errors import InvalidRequestURI
from authserver.protocol.requirements import case
from authserver.tokens.models import AuthorizationTransaction
from consents.grant import Grant
from consents.types.detail_type import Detail

Page = Callable[["Screen"], HttpResponse]
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One page of one person's way through one request, held to all that is true of it."""

    request: HttpRequest
    interaction: Interaction
    enrolment: Enrolment

    @property
    def ecosystem(self) -> Ecosystem:
        return self.interaction.ecosystem

    @property
    def now(self) -> datetime:
        return self.interaction.now

    @property
    def details(self) -> tuple[Detail, ...]:
        return self.interaction.authorization_request.authorization_details or ()

    @property
    def to_be_granted(self) -> Grant:
        return self.interaction.to_be_granted

    @property
    def lacks_accounts(self) -> bool:
        return accounts_are_missing(self.interaction)

    @property
    def choices(self) -> Mapping[str, Any]:
        """What the person chose before."""
        choices: Mapping[str, Any] = self.interaction.transaction.choices
        return choices

    def choose(self, choices: Mapping[str, Any]) -> None:
        """Keep what the person chose, unless it was decided or given up meanwhile."""
        AuthorizationTransaction.objects.choose(self.interaction.transaction, dict(choices))

    def decide(self, *, approved: bool) -> None:
        """Keep the person's decision; the first one stays."""
        decision = Decision.APPROVED if approved else Decision.REFUSED
        AuthorizationTransaction.objects.decide(self.interaction.transaction, decision)

    def give_more_time(self) -> None:
        """Begin the person's time again, once (WCAG 2.2.1)."""
        AuthorizationTransaction.objects.extend(
            self.interaction.transaction,
            by=self.interaction.ecosystem.transaction_lifetime,
            now=self.interaction.now,
        )

    @property
    def warns_in(self) -> int:
        """Seconds until two minutes are left, in steps of 30, for which the stylesheet has rules.

        The warning has to come without a script (WCAG 2.2.1).
        """
        left = min(self._seconds_left, settings.SESSION_IDLE_SECONDS)
        return min(max(0, left - 120) // 30 * 30, 600)

    @property
    def idle_minutes(self) -> int:
        """How long the login outlasts a pause, where that is the shorter time; else 0."""
        idle = settings.SESSION_IDLE_SECONDS
        return idle // 60 if idle < self._seconds_left else 0

    @property
    def _seconds_left(self) -> int:
        expires_at = self.interaction.transaction.expires_at
        return int((expires_at - self.interaction.now).total_seconds())

    def url(self, name: str) -> str:
        """The address of another page of the same way."""
        return reverse(name, args=[self._slug, self._handle])

    def go_on(self) -> HttpResponse:
        return browser.go_on(self._slug, self._handle)

    def page(
        self, template: str, context: Mapping[str, object], *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        about = {
            "screen": self,
            "client": self.interaction.client,
            "transaction": self.interaction.transaction,
        }
        return render(self.request, template, {**about, **context}, status=status)

    @property
    def _slug(self) -> str:
        return self.interaction.ecosystem.slug

    @property
    def _handle(self) -> str:
        return self.interaction.transaction.handle


def screen(*methods: str) -> Callable[[Page], View]:
    """Make a view of a page of the way, for these methods.

    Let in the person to whom the transaction belongs, in the browser that opened it, while it is
    open and undecided, signed in as the ecosystem and the request demand.
    """

    def door(page: Page) -> View:
        @wraps(page)
        def guarded(request: HttpRequest, slug: str, handle: str) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            response = _enter(page, request, slug, handle)
            # With no referrer at all a browser posts "Origin: null", which CSRF must refuse.
            response["Referrer-Policy"] = "same-origin"
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return door


@case("AZ-13", "AZ-14", "AZ-15", "AZ-17", "AZ-33")
def _enter(page: Page, request: HttpRequest, slug: str, handle: str) -> HttpResponse:
    if request.method == "POST" and not _is_from_our_own_page(request):
        return sentences.not_our_form(request, HTTPStatus.FORBIDDEN)
    try:
        interaction = browser.of_request(request, slug, handle)
    except InvalidRequestURI:
        if browser.ended(request, slug, handle) is not None:
            return browser.go_on(slug, handle)
        return sentences.ended(request)
    person, owner = interaction.authentication, interaction.transaction.user_id
    if person is None or owner is None or not _may_be_shown(interaction):
        return browser.go_on(slug, handle)
    if person.user.pk != owner:
        return sentences.somebody_else(request, slug, handle)
    enrolment = active_enrolment(person.user, interaction.ecosystem)
    if enrolment is None:
        return browser.go_on(slug, handle)
    return page(Screen(request=request, interaction=interaction, enrolment=enrolment))


def _may_be_shown(interaction: Interaction) -> bool:
    person = interaction.authentication
    return (
        interaction.is_open
        and person is not None
        and is_strong_enough(person, interaction.authorization_request, interaction.ecosystem)
        and is_still_permitted(interaction)
    )


def _is_from_our_own_page(request: HttpRequest) -> bool:
    """Where the browser says it; the token in the form says it everywhere."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
