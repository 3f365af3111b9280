"""Who is who to the bank behind an ecosystem."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from authserver.accounts import actions
from authserver.accounts.models import Enrolment
from authserver.operations.fields import ModelForm
from authserver.operations.model_admin import OperatorAdmin
from authserver.operations.verbs import Verb


class EnrolmentForm(ModelForm):
    class Meta:
        model = Enrolment
        fields = ("user", "ecosystem", "person_id")


def end(enrolment: Enrolment, by: str) -> str:
    actions.unenrol(enrolment.user, ecosystem=enrolment.ecosystem, by=by)
    return "The enrolment has ended."


def renew(enrolment: Enrolment, by: str) -> str:
    actions.enrol(
        enrolment.user, ecosystem=enrolment.ecosystem, person_id=enrolment.person_id, by=by
    )
    return "The enrolment is active again."


@admin.register(Enrolment)
class EnrolmentAdmin(OperatorAdmin):
    when_empty = "Enrol a person in an ecosystem, and they can sign in there."
    form = EnrolmentForm
    list_display = ("user", "ecosystem", "person_id", "is_active", "enrolled_at")
    list_filter = ("ecosystem", "is_active")
    list_select_related = ("user", "ecosystem")
    search_fields = ("user__username", "user__display_name", "person_id")
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
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that has ended is enrolled again before anything in it is corrected."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.is_active)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user", "ecosystem", "is_active", "enrolled_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        known = ("user", "ecosystem", "person_id")
        return (*known, "is_active", "enrolled_at") if obj else known

    def audit_subject(self, row: Any) -> str:
        return str(row.user.uid)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = actions.enrol(
            obj.user,
            ecosystem=obj.ecosystem,
            person_id=obj.person_id,
            by=request.user.get_username(),
        )
        obj.pk = stored.pk
