"""People who sign in: those with accounts at the bank, and the operators themselves."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from authserver.accounts import actions, code_budget
from authserver.accounts.admin.enrolments import enrolled_as
from authserver.accounts.admin.person_form import PLAIN, RIGHTS, PersonForm
from authserver.accounts.models import Enrolment, User, WrongCodes
from authserver.backoffice.counting import counted
from authserver.backoffice.filters import Time
from authserver.backoffice.html import change_link, link_button, list_link
from authserver.backoffice.inlines import ReadOnlyInline
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import Search, begun, by_uuid, exactly
from authserver.backoffice.verbs import Verb
from authserver.protocol.requirements import case
from consents.models import Consent


class EnrolmentInline(ReadOnlyInline):
    model = Enrolment
    fields = ("enrolment", "person_id", "is_active")
    readonly_fields = fields
    verbose_name_plural = "Enrolments: the ecosystems they can use"

    @admin.display(description="ecosystem")
    def enrolment(self, row: Enrolment) -> SafeString:
        return change_link(row, str(row.ecosystem))


def switch_on(user: User, by: str) -> str:
    user.is_active = True
    actions.change(user, by=by)
    return f"{user} can sign in."


def switch_off(user: User, by: str) -> str:
    user.is_active = False
    actions.change(user, by=by)
    return f"{user} can no longer sign in."


def remove_second_factor(user: User, by: str) -> str:
    actions.remove_second_factor(user, by=by)
    return f"{user} sets up a new second factor at the next sign-in."


def lift_the_block(user: User, by: str) -> str:
    code_budget.lift(user, by=by)
    return f"Codes of {user} are looked at again."


def what_switching_off_breaks(user: User) -> list[str]:
    live = counted(
        Consent.objects.alive(now=timezone.now()),
        [Consent.objects.filter(user=user)],
        by="created_at",
    )
    return [
        "Every session ends, and nobody signs in with this name.",
        f"Tokens for this person are refused; live consents that stop working: {live}.",
    ]


def of_the_bank(typed: str) -> Q:
    """Those whom the bank behind any ecosystem knows by it."""
    enrolments = Enrolment.objects.filter(enrolled_as(typed))
    return Q(pk__in=list(enrolments.values_list("user", flat=True)))


@admin.register(User)
class PersonAdmin(NewestFirst, OperatorAdmin):
    form = PersonForm
    inlines = (EnrolmentInline,)
    list_display = ("username", "display_name", "email", "has_factor", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", ("date_joined", Time))
    listed_by = "date_joined"
    reached_by = ("is_staff", "is_active")
    searches = (
        exactly("username", "username__iexact"),
        exactly("e-mail address", "email__iexact"),
        Search("identifier at the bank", of_the_bank),
        by_uuid("uid", "uid"),
        begun("beginning of a username", "username"),
        begun("beginning of a name", "display_name"),
    )
    standing = (
        "is_active",
        "has_factor",
        "next_step",
        "has_given",
        "uid",
        "last_login",
        "date_joined",
    )
    verbs = (
        Verb(
            name="switch-on",
            label="Let sign in",
            run=switch_on,
            offered=lambda row: not row.is_active,
            consequences=lambda row: ["Consents that have not ended work again."],
        ),
        Verb(
            name="switch-off",
            label="Switch off",
            run=switch_off,
            offered=lambda row: row.is_active,
            consequences=what_switching_off_breaks,
            dangerous=True,
        ),
        Verb(
            name="lift-the-block",
            label="Lift the block of codes",
            run=lift_the_block,
            offered=lambda row: bool(row.codes_are_blocked),
            consequences=lambda row: [
                "Wrong codes were shown by somebody who knew the password: give a new one first.",
            ],
            dangerous=True,
        ),
        Verb(
            name="remove-second-factor",
            label="Remove the second factor",
            run=remove_second_factor,
            offered=lambda row: bool(row.factor) and not row.is_staff,
            consequences=lambda row: [
                "The app and the recovery codes of this person stop working.",
                "Whoever has the password can set up a new second factor: make sure who asks.",
            ],
            dangerous=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        everybody: QuerySet[Any] = super().get_queryset(request)
        blocked = WrongCodes.objects.filter(user=OuterRef("pk"), spent__gte=min(code_budget.WAITS))
        annotated: QuerySet[Any] = everybody.annotate(
            factor=Exists(factor), codes_are_blocked=Exists(blocked)
        )
        return annotated

    @case("AD-03", "AD-13")
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of a colleague only a superuser changes anything; nobody their own."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or self._is_superuser(request))

    def may(self, request: HttpRequest, verb: Verb) -> bool:
        return self._is_superuser(request) and super().may(request, verb)

    @case("AD-03")
    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody gives rights to themselves, and a password only to who is not a colleague."""
        fieldsets: list[Any] = [("Who it is", {"fields": PLAIN})]
        if obj is not None:
            fieldsets.append(("Where it stands", {"fields": self.standing}))
        if obj is None or (obj != request.user and not obj.is_staff):
            fieldsets.append(("How they sign in", {"fields": ("new_password",)}))
        if self._is_superuser(request) and obj != request.user:
            fieldsets.append(("What they may do in this site", {"fields": RIGHTS}))
        return fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.standing if obj else ()

    def audit_subject(self, row: Any) -> str:
        return str(row.uid)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        verb = actions.change if change else actions.register
        verb(obj, by=request.user.get_username())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "in_groups" in form.cleaned_data:
            groups = list(form.cleaned_data["in_groups"])
            actions.set_groups(form.instance, groups=groups, by=request.user.get_username())

    def _is_superuser(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    @admin.display(description="second factor", boolean=True)
    def has_factor(self, row: Any) -> bool:
        return bool(row.factor)

    @admin.display(description="consents")
    def has_given(self, row: Any) -> SafeString:
        query = {"q": row.username, "by": "username"}
        return list_link("consents_consent", "What they let clients do", **query)

    @admin.display(description="next step")
    def next_step(self, row: Any) -> SafeString:
        return link_button("accounts_enrolment", "Enrol in an ecosystem", user=row.pk)
