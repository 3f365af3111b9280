"""Consents, to be looked at; an operator can hold, resume and stop them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authserver.accounts.models import User
from authserver.backoffice.counting import counted
from authserver.backoffice.filters import Time
from authserver.backoffice.html import as_json, change_link
from authserver.backoffice.model_admin import ReadOnlyAdmin
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import by_uuid, exactly, of_row
from authserver.backoffice.verbs import Refused, Verb
from authserver.tokens.models import AccessToken
from clients.models import Client
from consents import actions
from consents.models import CURRENT_STATES, Consent, ConsentState
from consents.presentation import state_in_words
from consents.states import IllegalTransition


def put_on_hold(consent: Consent, by: str) -> str:
    try:
        actions.suspend(consent, by=by, now=timezone.now())
    except IllegalTransition:
        raise Refused("It is no longer active.") from None
    return "The consent is on hold."


def resume(consent: Consent, by: str) -> str:
    try:
        actions.resume(consent, by=by, now=timezone.now())
    except IllegalTransition:
        raise Refused("It is no longer on hold.") from None
    return "The consent is active again."


def stop(consent: Consent, by: str) -> str:
    try:
        actions.revoke(consent, by=by, now=timezone.now())
    except IllegalTransition:
        raise Refused("It has ended already.") from None
    return "The consent is stopped."


def what_holding_breaks(consent: Consent) -> list[str]:
    now = timezone.now()
    tokens = counted(
        AccessToken.objects.alive(now=now), [AccessToken.objects.filter(consent=consent)], by="pk"
    )
    return [
        f"{consent.client} gets no token for it; live tokens that are refused: {tokens}.",
        f"{consent.user} sees it as on hold." if consent.user else "Nobody approved it yet.",
    ]


def what_stopping_breaks(consent: Consent) -> list[str]:
    return [
        *what_holding_breaks(consent)[:1],
        "It cannot be taken back: the person has to agree anew.",
        "The person sees that the operator ended it.",
    ]


@admin.register(Consent)
class ConsentAdmin(NewestFirst, ReadOnlyAdmin):
    when_empty = "A client asks for one, and a person decides; nobody makes one here."
    list_display = ("id", "client", "user", "state_now", "created_at", "expires_at", "last_used_at")
    list_filter = ("ecosystem", "state", ("created_at", Time))
    listed_by = "created_at"
    reached_by = ("ecosystem", "state")
    list_select_related = ("client__participant__ecosystem", "ecosystem", "user")
    searches = (
        by_uuid("consent id", "pk"),
        exactly("identifier that the client gave it", "external_id"),
        of_row("client id", "client", lambda typed: Client.objects.filter(client_id=typed)),
        of_row("username", "user", lambda typed: User.objects.filter(username__iexact=typed)),
    )
    fieldsets = (
        ("What it is", {"fields": ("id", "state_now", "of_client", "of_person", "ended_by")}),
        (
            "What was asked and chosen",
            {
                "fields": (
                    "scope",
                    "told",
                    "asked",
                    "stated_purpose",
                    "named_resources",
                    "chosen",
                    "evidence",
                    "external_id",
                    "base_id",
                )
            },
        ),
        (
            "When",
            {
                "fields": (
                    "created_at",
                    "authorized_at",
                    "choices_made_at",
                    "expires_at",
                    "last_used_at",
                    "state_changed_at",
                )
            },
        ),
    )
    verbs = (
        Verb(
            name="resume",
            label="Resume",
            run=resume,
            offered=lambda row: row.state == ConsentState.SUSPENDED,
            consequences=lambda row: [f"{row.client} can use it again until it ends."],
        ),
        Verb(
            name="hold",
            label="Put on hold",
            run=put_on_hold,
            offered=lambda row: row.state == ConsentState.AUTHORIZED,
            consequences=what_holding_breaks,
            dangerous=True,
        ),
        Verb(
            name="stop",
            label="Stop for good",
            run=stop,
            offered=lambda row: row.state in CURRENT_STATES,
            consequences=what_stopping_breaks,
            dangerous=True,
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return tuple(name for _, each in self.fieldsets for name in each["fields"])

    @admin.display(description="state", ordering="state")
    def state_now(self, row: Any) -> SafeString:
        """What it is at this instant, and for a person: a stored word may have been overtaken."""
        shown = state_in_words(row, now=timezone.now())
        reason = f": {shown.reason}" if shown.reason else ""
        kind = row.state.lower() if shown.word == row.get_state_display() else "ended"
        return format_html('<span class="state state-{}">{}</span>{}', kind, shown.word, reason)

    @admin.display(description="client")
    def of_client(self, row: Any) -> SafeString:
        return change_link(row.client)

    @admin.display(description="person")
    def of_person(self, row: Any) -> SafeString:
        return change_link(row.user)

    @admin.display(description="told of the person")
    def told(self, row: Any) -> str:
        claims = row.grant.claims
        places = [f"{name} ({', '.join(claims.places_of(name))})" for name in claims.names]
        return ", ".join(places) or "Nothing but their identifier."

    @admin.display(description="purpose, in the client's words")
    def stated_purpose(self, row: Any) -> str:
        return row.purpose or "Not stated."

    @admin.display(description="resource servers named")
    def named_resources(self, row: Any) -> str:
        return ", ".join(row.resources) or "None: those that scopes and details reach."

    @admin.display(description="asked")
    def asked(self, row: Any) -> SafeString:
        return as_json(row.authorization_details)

    @admin.display(description="chosen")
    def chosen(self, row: Any) -> SafeString:
        return as_json(row.choices)

    @admin.display(description="signed request")
    def evidence(self, row: Any) -> str:
        """That it is kept, and whose key signed it; it is handed out as evidence, not shown."""
        if not row.request_object:
            return "None: the request was not signed."
        return f"Kept, {len(row.request_object)} characters; key {row.request_object_key}"
