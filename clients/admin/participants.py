"""Participants: who they are, whom to call, and the door to their clients."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, ProtectedError, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from authserver.backoffice.fields import Lines, ModelForm
from authserver.backoffice.html import change_link, link_button, state_badge
from authserver.backoffice.inlines import ReadOnlyInline, TabularInline
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.verbs import Verb
from clients import actions
from clients.admin import reach
from clients.models import Client, Contact, Participant, State


class ParticipantForm(ModelForm):
    roles = Lines(
        help_text="One per line, as the ecosystem names them: tpp, resource_server, BDSP..."
        " One participant can be both.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Participant
        fields = (
            "ecosystem",
            "trading_name",
            "legal_name",
            "registration_number",
            "website",
            "roles",
            "notification_url",
        )


class ContactInline(TabularInline):
    model = Contact
    extra = 0
    verbose_name_plural = "Contacts: whom to call"


class ClientInline(ReadOnlyInline):
    model = Client
    fields = ("client", "name", "token_endpoint_auth_method", "state_now")
    readonly_fields = fields
    verbose_name_plural = "Clients: its software"

    @admin.display(description="client")
    def client(self, row: Client) -> SafeString:
        return change_link(row, row.client_id)

    @admin.display(description="state")
    def state_now(self, row: Client) -> SafeString:
        return state_badge(row)


def let_in(participant: Participant, by: str) -> str:
    actions.activate_participant(participant, by=by)
    return f"{participant} is active."


def suspend(participant: Participant, by: str) -> str:
    actions.suspend_participant(participant, by=by)
    return f"{participant} is suspended: all that it runs is refused."


def is_unused(participant: Participant) -> bool:
    return not participant.clients.exists() and not participant.resource_servers.exists()


def remove(participant: Participant, by: str) -> str:
    name = str(participant)
    try:
        actions.remove_participant(participant, by=by)
    except ProtectedError as error:
        raise reach.protected(error) from None
    return f"{name} is removed."


@admin.register(Participant)
class ParticipantAdmin(OperatorAdmin):
    when_empty = "Register the company first, then its clients."
    form = ParticipantForm
    inlines = (ContactInline, ClientInline)
    list_display = ("trading_name", "state_now", "legal_name", "ecosystem", "number_of_clients")
    list_filter = ("ecosystem", "state")
    list_select_related = ("ecosystem",)
    search_fields = ("trading_name", "legal_name", "registration_number", "clients__client_id")
    search_help_text = "Name, registration number or client id"
    fieldsets = (
        (
            "Who it is",
            {
                "fields": (
                    "ecosystem",
                    "trading_name",
                    "legal_name",
                    "registration_number",
                    "website",
                    "roles",
                    "notification_url",
                )
            },
        ),
        ("Where it stands", {"fields": ("state_now", "next_step", "created_at")}),
    )
    verbs = (
        Verb(
            name="activate",
            label="Let in",
            run=let_in,
            offered=lambda row: row.state != State.ACTIVE,
            consequences=lambda row: ["Its active clients may call from now on."],
        ),
        Verb(
            name="suspend",
            label="Suspend",
            run=suspend,
            offered=lambda row: row.state == State.ACTIVE,
            consequences=reach.of_participant,
            dangerous=True,
        ),
        Verb(
            name="remove",
            label="Remove",
            run=remove,
            offered=is_unused,
            consequences=lambda row: ["It has no client and no server. Its contacts go with it."],
            permission="delete",
            dangerous=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        everybody: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = everybody.annotate(clients_count=Count("clients"))
        return annotated

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else (ContactInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        standing = ("state_now", "next_step", "created_at")
        return (*standing, "ecosystem") if obj else standing

    def audit_subject(self, row: Any) -> str:
        return f"participant-{row.pk}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        verb = actions.change_participant if change else actions.register_participant
        verb(obj, by=request.user.get_username())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by = request.user.get_username()
        changed: list[Model] = formset.save(commit=False)
        for contact in changed:
            assert isinstance(contact, Contact)
            actions.save_contact(contact, by=by)
        for contact in formset.deleted_objects:
            actions.remove_contact(contact, by=by)

    @admin.display(description="state", ordering="state")
    def state_now(self, row: Any) -> SafeString:
        return state_badge(row)

    @admin.display(description="clients", ordering="clients_count")
    def number_of_clients(self, row: Any) -> int:
        return int(row.clients_count)

    @admin.display(description="next step")
    def next_step(self, row: Any) -> SafeString:
        return link_button("clients_client", "Register a client", participant=row.pk)
