"""The door to the journey's pages: whose request is this, and may this browser decide it?

What is missing is never judged here: whoever lacks something goes back to the authorization
endpoint, which knows what comes next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from authserver.accounts import acr
from authserver.accounts.enrolments import active_enrolment
from authserver.accounts.models import Enrolment
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import OAuthError
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.models import AuthorizationTransaction
from authserver.tokens.transactions import browser_digest_of
from clients import permission
from clients.models import Client
from consents.types.detail_type import Detail

log = structlog.get_logger("consents.views")

Page = Callable[["Step"], HttpResponse]
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page of one person's way through one request, held to all that is true of it."""

    request: HttpRequest
    transaction: AuthorizationTransaction
    wanted: AuthorizationRequest
    client: Client
    ecosystem: Ecosystem
    enrolment: Enrolment
    now: datetime

    @property
    def details(self) -> tuple[Detail, ...]:
        return self.wanted.authorization_details or ()

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
        return int((self.transaction.expires_at - self.now).total_seconds())

    def go_on(self) -> HttpResponse:
        return see_other(_resume_url(self.ecosystem.slug, self.transaction.handle))

    def page(
        self, template: str, context: Mapping[str, object], *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        about = {"client": self.client, "step": self, "transaction": self.transaction}
        return render(self.request, template, {**about, **context}, status=status)


def on_the_way(*methods: str) -> Callable[[Page], View]:
    """Make a view of a page of the journey, for these methods.

    Let in the person to whom the transaction belongs, in the browser that opened it, while it is
    open and undecided, signed in as the ecosystem demands.
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


@requirement("AZ-13", "AZ-14", "AZ-15", "AZ-17", "AZ-33")
def _enter(page: Page, request: HttpRequest, slug: str, handle: str) -> HttpResponse:
    if request.method == "POST" and not _is_from_our_own_page(request):
        return sorry_page(request, HTTPStatus.FORBIDDEN)
    now = timezone.now()
    try:
        found = AuthorizationTransaction.objects.of_browser(
            handle, browser_digest=browser_digest_of(request), now=now
        )
    except AuthorizationTransaction.DoesNotExist:
        return _what_ran_out(request, slug, handle, now) or ended_page(request)
    client = found.pushed_request.client
    if client.ecosystem.slug != slug or not client.is_allowed_in:
        return ended_page(request)
    resume = see_other(_resume_url(slug, handle))
    wanted = AuthorizationRequest.from_json(found.pushed_request.parameters)
    if not _is_still_permitted(wanted, client):
        return resume
    if found.completed_at is not None or found.decision or found.user_id is None:
        return resume
    person = acr.of_request(request)
    if person is None or not _is_enough(person, client.ecosystem):
        return resume
    if person.user.pk != found.user_id:
        return somebody_else_page(request, slug, handle)
    enrolment = active_enrolment(person.user, client.ecosystem)
    if enrolment is None:
        return resume
    return page(
        Step(
            request=request,
            transaction=found,
            wanted=wanted,
            client=client,
            ecosystem=client.ecosystem,
            enrolment=enrolment,
            now=now,
        )
    )


def _what_ran_out(
    request: HttpRequest, slug: str, handle: str, now: datetime
) -> HttpResponse | None:
    """The way to the end of this browser's own request, whose time was over while it was open."""
    over = AuthorizationTransaction.objects.that_ran_out(
        handle, browser_digest=browser_digest_of(request), now=now
    )
    return None if over is None else see_other(_resume_url(slug, handle))


def _is_still_permitted(wanted: AuthorizationRequest, client: Client) -> bool:
    """What cannot be granted any more is not shown; the authorization endpoint refuses it."""
    try:
        permission.hold(wanted, client)
    except OAuthError:
        return False
    return True


def _is_from_our_own_page(request: HttpRequest) -> bool:
    """Where the browser says it; the token in the form says it everywhere."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _is_enough(person: acr.Authentication, ecosystem: Ecosystem) -> bool:
    return (
        person.acr == acr.ACR_TWO_FACTORS
        or ecosystem.login_policy == Ecosystem.LoginPolicy.ONE_FACTOR
    )


def ended_page(request: HttpRequest) -> HttpResponse:
    """Unknown, ended or another browser's: told apart by nobody."""
    return _sentence_page(
        request,
        title=_("This request has ended"),
        sentence=_(
            "Its time was over, it was already answered, or it was opened in another browser."
            " Opening it here changed nothing."
        ),
        status=HTTPStatus.NOT_FOUND,
    )


def somebody_else_page(request: HttpRequest, slug: str, handle: str) -> HttpResponse:
    return _sentence_page(
        request,
        title=_("Somebody else is signed in now"),
        sentence=_(
            "This request was begun by another person in this browser."
            " Nothing was shared and nothing was paid."
            " Whoever signs in again can answer it, and chooses anew."
        ),
        status=HTTPStatus.FORBIDDEN,
        sign_in_again=reverse("authorize-somebody-else", args=[slug, handle]),
        give_up=reverse("authorize-cancel", args=[slug, handle]),
    )


def sorry_page(request: HttpRequest, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> HttpResponse:
    """A form that is not ours, or has more in it than we put there."""
    return _sentence_page(
        request,
        title=_("We did not use this form"),
        sentence=_(
            "It was not as we had sent it to you. Nothing was shared and nothing was paid."
            " Go back, load the page again and repeat what you did."
        ),
        status=status,
    )


def _sentence_page(
    request: HttpRequest, *, title: str, sentence: str, status: HTTPStatus, **ways_on: str
) -> HttpResponse:
    log.warning("page.refused", status=int(status))
    context = {
        **ways_on,
        "title": title,
        "sentence": sentence,
        "interaction_id": getattr(request, "interaction_id", ""),
    }
    return render(request, "error.html", context, status=status)


def _resume_url(slug: str, handle: str) -> str:
    return reverse("authorize-resume", args=[slug, handle])


def see_other(url: str) -> HttpResponse:
    """A 303: whatever came before, the next request is a GET (RFC9700-4.12)."""
    response = HttpResponse(status=HTTPStatus.SEE_OTHER)
    response["Location"] = url
    return response
