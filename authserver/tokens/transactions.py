"""A transaction carries the person through our pages, in the browser that opened it and no other.

The browser holds a cookie with a random value; the row holds its digest. Whoever copies the URL
of a page to another browser, or plants one in somebody's browser, gets nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from authserver.accounts.models import User
from authserver.protocol.errors import InvalidRequestURI
from authserver.protocol.requirements import case, requirement
from authserver.storage.conditions import NOW, Condition
from authserver.storage.indexes import index_where_not_null
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.storage.together import store_together
from authserver.tokens.handles import digest, new_handle
from authserver.tokens.pushed_requests import PushedRequest, opening
from clients import registered

BROWSER_COOKIE = "__Host-browser"
NO_BROWSER = digest("")
# Our choice: one person's telephone, desk and a few programs that look at links; and no store.
BROWSERS = 10


def browser_digest_of(request: HttpRequest) -> str:
    """The digest of this browser's cookie; that of nothing where it sent none."""
    return digest(request.COOKIES.get(BROWSER_COOKIE, ""))


class TransactionQuerySet(PreparedInserts["AuthorizationTransaction"]):
    @case("PR-33")
    @requirement("PAR-7.3")
    def begin(
        self, pushed: PushedRequest, *, browser: str, lifetime: timedelta, now: datetime
    ) -> AuthorizationTransaction:
        """This browser's way through the request: the one that goes on, or a new one to be stored.

        InvalidRequestURI where as many browsers opened it as ever will: who opens it is nobody yet,
        and each costs a row. Those that arrive at the same moment do not see each other.
        """
        ours = digest(browser)
        begun = _begun.all(pushed_request=pushed.pk)
        for each in begun:
            if each.browser_digest == ours and each.goes_on(now=now):
                each.pushed_request = pushed
                return each
        if len(begun) >= BROWSERS:
            raise InvalidRequestURI(
                "this request was opened too often", expected=f"at most {BROWSERS} browsers"
            )
        made = self.model(
            pushed_request=pushed,
            handle=new_handle(),
            browser_digest=ours,
            opened_at=now,
            expires_at=now + lifetime,
        )
        made.unstored = (made,) if begun else (made, opening(pushed))
        return made

    def store(self, transaction: AuthorizationTransaction) -> None:
        """Store one that is new, so that it can be gone on with."""
        if transaction.unstored:
            store_together(transaction.unstored, under=())
            transaction.unstored = ()

    @case("AZ-13", "AZ-33")
    def of_browser(
        self, handle: str, *, slug: str, browser_digest: str
    ) -> AuthorizationTransaction | None:
        """This browser's transaction in the ecosystem, whatever came of it, in time or not.

        None where there is no such one, and where its client may do nothing any more.
        """
        if browser_digest == NO_BROWSER:
            return None
        transaction = _of_this_browser.first(
            handle=handle, browser_digest=browser_digest, ecosystem=slug
        )
        client = registered.client_of(transaction) if transaction is not None else None
        if transaction is None or client is None or not client.is_allowed_in:
            return None
        transaction.pushed_request.client = client
        return transaction

    def of_request(
        self, request_uri_digest: str, *, client_id: str, browser_digest: str
    ) -> AuthorizationTransaction | None:
        """This browser's last transaction of a pushed request, whatever came of it."""
        if browser_digest == NO_BROWSER:
            return None
        return self.filter(
            pushed_request__digest=request_uri_digest,
            pushed_request__client__client_id=client_id,
            browser_digest=browser_digest,
        ).last()

    def goes_on_elsewhere(self, transaction: AuthorizationTransaction, *, now: datetime) -> bool:
        """Another browser has the same request open: its answer is the client's."""
        others = self.filter(
            self.model.IN_TIME.q(now=now), pushed_request=transaction.pushed_request_id
        )
        return others.exclude(pk=transaction.pk).exists()

    @case("AZ-17")
    def detach(self, transaction: AuthorizationTransaction, *, now: datetime) -> bool:
        """Let it belong to whoever signs in next, without what was chosen; False once decided."""
        undecided = self.filter(self.model.ALIVE.q(now=now), pk=transaction.pk)
        return bool(undecided.update(user=None, choices={}))

    @case("AZ-17")
    def show_page(self, transaction: AuthorizationTransaction) -> bool:
        """Remember that a page of ours was needed: the answer is then an own page, too.

        And to whom the request falls by now; False where another person was before them.
        """
        theirs = self.filter(models.Q(user=None) | models.Q(user=transaction.user_id))
        owner = {"user": transaction.user_id} if transaction.user_id else {}
        return bool(theirs.filter(pk=transaction.pk).update(page_was_shown=True, **owner))

    @case("AZ-17")
    def choose(self, transaction: AuthorizationTransaction, choices: dict[str, Any]) -> bool:
        """Keep what the person chose; False once it was decided, or is no longer theirs."""
        theirs = self.filter(pk=transaction.pk, decision="", user=transaction.user_id)
        return bool(theirs.update(choices=choices))

    @case("AZ-17", "AZ-18")
    def decide(self, transaction: AuthorizationTransaction, decision: str) -> bool:
        """Keep the person's decision; the first one stays, False for every later one.

        An approval is that of the person it belongs to now, and of what was chosen when the page
        was judged: it may have been given up meanwhile, or chosen anew.
        """
        undecided = self.filter(self.model.UNDECIDED.q(), pk=transaction.pk)
        if decision == self.model.Decision.APPROVED:
            undecided = undecided.filter(user=transaction.user_id, choices=transaction.choices)
        return bool(undecided.update(decision=decision, page_was_shown=True))

    def extend(
        self, transaction: AuthorizationTransaction, *, by: timedelta, now: datetime
    ) -> bool:
        """Give more time, once (WCAG 2.2.1)."""
        return bool(
            self.filter(self.model.IN_TIME.q(now=now), pk=transaction.pk, extended=False).update(
                extended=True, expires_at=now + by
            )
        )

    def complete(self, transaction: AuthorizationTransaction, *, now: datetime) -> bool:
        """Mark an answer that gives nothing as given; True for one caller."""
        unanswered = self.filter(self.model.UNANSWERED.q(), pk=transaction.pk)
        return bool(unanswered.update(completed_at=now, user=Coalesce("user", transaction.user_id)))


class AuthorizationTransaction(models.Model):
    """One browser's way through one pushed request: from the first visit to the answer."""

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REFUSED = "refused"

    IN_TIME = Condition(models.Q(expires_at__gt=NOW))
    UNANSWERED = Condition(models.Q(completed_at=None))
    UNDECIDED = Condition(models.Q(decision="")) & UNANSWERED
    ALIVE = UNDECIDED & IN_TIME

    pushed_request = models.ForeignKey(
        PushedRequest, on_delete=models.CASCADE, related_name="transactions"
    )
    handle = models.CharField(max_length=43, unique=True, help_text="Opaque; in our own URLs.")
    browser_digest = models.CharField(max_length=64, help_text="SHA-256 of the browser's cookie.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, db_index=False
    )
    consent = models.ForeignKey(
        "consents.Consent", on_delete=models.CASCADE, null=True, db_index=False
    )
    choices = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    page_was_shown = models.BooleanField(default=False)
    extended = models.BooleanField(default=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        indexes = [
            index_where_not_null("user", name="transactions_of_a_person"),
            index_where_not_null("consent", name="transactions_of_a_consent"),
        ]

    # What of one that is new is to be stored: itself, and that the request was opened.
    unstored: tuple[models.Model, ...] = ()

    @case("AZ-17")
    def falls_to(self, user: User) -> bool:
        """Let it be the first person's who signs in; False if it is another's.

        It is stored with whatever comes of it next, where nobody was before them.
        """
        if self.user_id is None:
            self.user = user
        return self.user_id == user.pk

    def is_in_time(self, *, now: datetime) -> bool:
        return self.IN_TIME.holds(self, now=now)

    def goes_on(self, *, now: datetime) -> bool:
        """True until it is decided, or its time is over."""
        return self.ALIVE.holds(self, now=now)

    @property
    def was_answered_in_time(self) -> bool:
        return self.completed_at is not None and self.completed_at < self.expires_at


def _of_a_handle() -> models.QuerySet[AuthorizationTransaction]:
    return (
        AuthorizationTransaction.objects.filter(
            handle=Parameter("handle", models.CharField()),
            browser_digest=Parameter("browser_digest", models.CharField()),
            pushed_request__client__ecosystem__slug=Parameter("ecosystem", models.SlugField()),
        )
        .select_related("pushed_request__consent")
        .annotate(**registered.said_of_the_client("pushed_request__client"))
    )


def _of_a_request() -> models.QuerySet[AuthorizationTransaction]:
    return AuthorizationTransaction.objects.filter(
        pushed_request=Parameter("pushed_request", models.BigIntegerField())
    ).order_by("pk")[: 2 * BROWSERS]


_of_this_browser: Prepared[AuthorizationTransaction] = Prepared(_of_a_handle)
_begun: Prepared[AuthorizationTransaction] = Prepared(_of_a_request)
