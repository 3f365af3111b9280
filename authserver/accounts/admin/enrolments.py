"""Who is who to the bank behind an ecosystem."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

from authserver.accounts import actions
from authserver.accounts.models import Enrolment, User
from authserver.backoffice.fields import ModelForm
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import Search, of_row
from authserver.backoffice.verbs import Verb
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case
from authserver.storage.django_internals import changeform_outside_a_transaction
from consents.account_source import SourceUnavailable, name_at_the_bank
from consents.stopping import stop_all

STANDING = ("is_active", "name_at_bank", "needs_confirmation", "enrolled_at")
UNNAMED = (
    "No bank of this ecosystem can say who this is. The person can sign in, and no accounts are"
    " asked for until one has: give a resource server an account source, then save this again."
)


class EnrolmentForm(ModelForm):
    """The bank says who it knows by the identifier, and the operator confirms that name."""

    confirmed_name = forms.CharField(
        label="Who the bank says it is", required=False, max_length=200, widget=forms.HiddenInput()
    )

    class Meta:
        model = Enrolment
        fields = ("user", "ecosystem", "person_id")

    @case("AD-05", "F-07")
    def clean(self) -> dict[str, Any]:
        """Ask the bank before anything is stored; where it does not answer, nothing is."""
        cleaned = super().clean() or {}
        user = cleaned.get("user") or (self.instance.user if self.instance.user_id else None)
        ecosystem = cleaned.get("ecosystem") or (
            self.instance.ecosystem if self.instance.ecosystem_id else None
        )
        if self.errors or not user or not ecosystem or not self._is_news(cleaned["person_id"]):
            return cleaned
        try:
            name = name_at_the_bank(cleaned["person_id"], ecosystem)
        except SourceUnavailable as fault:
            self.add_error("person_id", f"The bank does not say who this is: {fault}.")
            return cleaned
        if name and cleaned.get("confirmed_name") != name:
            self._ask_for(name, user)
        self.name_at_bank = name
        return cleaned

    def _is_news(self, person_id: str) -> bool:
        stored = self.instance
        return (
            stored.pk is None
            or stored.needs_confirmation
            or self.initial.get("person_id") != person_id
        )

    def _ask_for(self, name: str, user: User) -> None:
        field = self.fields["confirmed_name"]
        field.widget = forms.RadioSelect(choices=[(name, f"Yes, this is {name}.")])
        self.add_error(
            "confirmed_name",
            f"The bank knows {name} by this identifier. Here the person is called {user}. Confirm"
            " the name if both are one person, and save again.",
        )


class ChangedMeanwhile(Exception):
    """The enrolment is not what the form was opened with, or has ended."""


def enrolment_is_unchanged(enrolment: Enrolment, *, since: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile unless it is stored as it was; the bank may take seconds to answer."""
    stored = Enrolment.objects.select_for_update().filter(pk=enrolment.pk, is_active=True)
    if [since["person_id"]] != list(stored.values_list("person_id", flat=True)):
        raise ChangedMeanwhile


def end(enrolment: Enrolment, by: str) -> str:
    actions.unenrol(enrolment.user, ecosystem=enrolment.ecosystem, by=by)
    return "The enrolment has ended."


def renew(enrolment: Enrolment, by: str) -> str:
    actions.enrol(
        enrolment.user, ecosystem=enrolment.ecosystem, person_id=enrolment.person_id, by=by
    )
    return "The enrolment is active again."


def forget(enrolment: Enrolment, by: str) -> str:
    with transaction.atomic():
        stop_all(enrolment.user, ecosystem=enrolment.ecosystem, by=by, now=timezone.now())
        actions.forget_enrolment(enrolment, by=by)
    return "The enrolment is forgotten."


def enrolled_as(typed: str) -> Q:
    """By the identifier at the bank, in any ecosystem: the index begins with the ecosystem."""
    every = list(Ecosystem.objects.order_by().values_list("pk", flat=True))
    return Q(ecosystem__in=every, person_id=typed)


@admin.register(Enrolment)
class EnrolmentAdmin(NewestFirst, OperatorAdmin):
    when_empty = "Enrol a person in an ecosystem, and they can sign in there."
    form = EnrolmentForm
    list_display = ("user", "ecosystem", "person_id", "is_active", "enrolled_at")
    list_filter = ("ecosystem", "is_active", "needs_confirmation")
    list_select_related = ("user", "ecosystem")
    listed_by = "enrolled_at"
    reached_by = ("ecosystem", "is_active", "needs_confirmation")
    searches = (
        of_row("username", "user", lambda typed: User.objects.filter(username__iexact=typed)),
        Search("identifier at the bank", enrolled_as),
    )
    autocomplete_fields = ("user",)
    verbs = (
        Verb(
            name="renew",
            label="Enrol again",
            run=renew,
            offered=lambda row: not row.is_active,
            consequences=lambda row: [f"{row.user} can give consents in {row.ecosystem} again."],
        ),
        Verb(
            name="end",
            label="End the enrolment",
            run=end,
            offered=lambda row: row.is_active,
            consequences=lambda row: [
                f"{row.user} can give no more consents in {row.ecosystem}.",
                "Those given already stay until they are stopped or end.",
            ],
            dangerous=True,
        ),
        Verb(
            name="remove",
            label="Forget the enrolment",
            run=forget,
            offered=lambda row: not row.is_active,
            consequences=lambda row: [
                "The identifier can then be given to the person whose it is.",
                f"Consents of {row.user} in {row.ecosystem} that have not ended are stopped.",
            ],
            permission="delete",
            dangerous=True,
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that has ended is enrolled again before anything in it is corrected."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.is_active)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user", "ecosystem", *STANDING) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        typed = ("user", "ecosystem", "person_id")
        asked = (
            ("confirmed_name",) if obj is None or self.has_change_permission(request, obj) else ()
        )
        return (*typed, *asked, *STANDING) if obj else (*typed, *asked)

    def audit_subject(self, row: Any) -> str:
        return str(row.user.uid)

    @method_decorator(csrf_protect)
    @case("F-07")
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Without the transaction that Django puts around it, since its form asks the bank.

        What is stored is stored by ``save_model`` alone, in a transaction of its own.
        """
        try:
            return changeform_outside_a_transaction(
                self, request, object_id, form_url, extra_context
            )
        except actions.PersonIdTaken:
            messages.error(request, "Somebody else has this identifier by now; nothing was stored.")
        except ChangedMeanwhile:
            messages.error(request, "A colleague has changed it by now; nothing was stored.")
        return HttpResponseRedirect(reverse("admin:accounts_enrolment_changelist"))

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Under another identifier the person is another customer: their consents end."""
        by = request.user.get_username()
        if change:
            enrolment_is_unchanged(obj, since=form.initial)
        if change and "person_id" in form.changed_data:
            stop_all(obj.user, ecosystem=obj.ecosystem, by=by, now=timezone.now())
        name = getattr(form, "name_at_bank", "")
        stored = actions.enrol(
            obj.user, ecosystem=obj.ecosystem, person_id=obj.person_id, by=by, name_at_bank=name
        )
        obj.pk = stored.pk
        if stored.needs_confirmation:
            messages.warning(request, UNNAMED)
