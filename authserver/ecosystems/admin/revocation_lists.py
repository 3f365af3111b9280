"""The revocation lists of CAs: where each comes from, what the newest says, whether it counts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from authserver.backoffice.fields import ModelForm
from authserver.backoffice.html import change_link, state_badge
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.times import told_there
from authserver.backoffice.verbs import Refused, Verb
from authserver.ecosystems.models import RevocationList
from authserver.ecosystems.revocation import actions, lists
from authserver.outbound import OutboundError, target_of
from authserver.protocol.specs.revocation_list import BadRevocationList
from clients.models import ClientCertificate

LONGEST_PASTED = 100_000
Policy = RevocationList.Policy


class RevocationListForm(ModelForm):
    pasted = forms.CharField(
        label="List",
        required=False,
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "placeholder": "-----BEGIN X509 CRL-----"}
        ),
        help_text="A complete CRL in PEM, for a CA that publishes none at a URL.",
    )

    class Meta:
        model = RevocationList
        fields = ("anchor", "url")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if url:
            try:
                target_of(url, allowed_hosts=(), plain_http=True)
            except OutboundError as fault:
                raise ValidationError(f"It cannot be fetched: {fault.reason}.") from None
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        anchor = cleaned.get("anchor") or (self.instance.anchor if self.instance.pk else None)
        if cleaned.get("pasted") and anchor:
            unsaved = RevocationList(anchor=anchor)
            stored = self.instance if self.instance.pk else unsaved
            try:
                signed = lists.read_for(unsaved, cleaned["pasted"].encode(), now=timezone.now())
                actions.list_is_no_older(signed, stored)
            except BadRevocationList as fault:
                self.add_error("pasted", fault.sentence)
        return cleaned


def fetch(revocation_list: RevocationList, by: str) -> str:
    report = lists.fetch_now(revocation_list, by=by, now=timezone.now())
    if report.error:
        raise Refused(f"No newer list was kept: {report.error.rstrip('.')}.")
    return f"The list is kept; revoked certificates on it: {report.revoked}."


def require(revocation_list: RevocationList, by: str) -> str:
    actions.set_crl_policy(revocation_list, Policy.REQUIRED, by=by)
    return "The list counts from now on."


def ignore(revocation_list: RevocationList, by: str) -> str:
    actions.set_crl_policy(revocation_list, Policy.NOT_CHECKED, by=by)
    return "The list does not count any more."


def remove(revocation_list: RevocationList, by: str) -> str:
    actions.remove_crl(revocation_list, by=by)
    return "The list is forgotten."


def what_requiring_breaks(revocation_list: RevocationList) -> list[str]:
    issued = ClientCertificate.objects.filter(
        ClientCertificate.UNREVOKED.q(),
        client__ecosystem=revocation_list.anchor.ecosystem,
        issuer=revocation_list.anchor.subject,
    )
    if not revocation_list.is_in_date(now=timezone.now()):
        now = f"No list is in date: all {issued.count()} active ones of this CA are refused now."
    else:
        listed = revocation_list.revoked.values("serial_number")
        refused = issued.filter(serial_number__in=listed).count()
        now = (
            f"Active ones of this CA: {issued.count()}; refused now, being on the list: {refused}."
        )
    return [now, "When the list is out of date and no newer one came, all of them are refused."]


@admin.register(RevocationList)
class RevocationListAdmin(OperatorAdmin):
    when_empty = (
        "No certificate is looked up, so one that its CA revoked is still accepted. Add the list"
        " of each CA that publishes one, fetch it, then require it; after that let a timer run"
        " manage.py refresh_crls."
    )
    form = RevocationListForm
    list_display = (
        "anchor",
        "of_ecosystem",
        "policy_now",
        "revoked_count",
        "fetched",
        "until",
        "last_error",
    )
    list_filter = ("anchor__ecosystem", "policy")
    list_select_related = ("anchor__ecosystem",)
    search_fields = ("anchor__subject", "anchor__thumbprint", "url")
    fieldsets = (
        ("Whose it is, and where it comes from", {"fields": ("anchor", "url", "pasted")}),
        (
            "What is kept",
            {
                "fields": (
                    "of_ecosystem",
                    "policy_now",
                    "revoked_count",
                    "fetched",
                    "since",
                    "until",
                    "number",
                    "last_error",
                )
            },
        ),
    )
    verbs = (
        Verb(
            name="fetch",
            label="Fetch now",
            run=fetch,
            offered=lambda row: bool(row.url),
            consequences=lambda row: ["What the new list names is refused at once, if it counts."],
        ),
        Verb(
            name="require",
            label="Require the list",
            run=require,
            offered=lambda row: not row.is_required,
            consequences=what_requiring_breaks,
            dangerous=True,
        ),
        Verb(
            name="ignore",
            label="Check no longer",
            run=ignore,
            offered=lambda row: row.is_required,
            consequences=lambda row: ["Certificates that the CA revoked are accepted again."],
            dangerous=True,
        ),
        Verb(
            name="remove",
            label="Forget the list",
            run=remove,
            offered=lambda row: not row.is_required,
            consequences=lambda row: ["The CA itself stays trusted."],
            permission="delete",
            dangerous=True,
        ),
    )

    def audit_subject(self, row: Any) -> str:
        return str(row.anchor.thumbprint)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("anchor", *self.fieldsets[1][1]["fields"]) if obj else ()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        row, by = form.instance, request.user.get_username()
        if change:
            actions.change_crl(row, by=by)
        else:
            row = actions.add_crl(form.cleaned_data["anchor"], url=row.url, by=by)
        if pasted := form.cleaned_data["pasted"]:
            lists.keep(row, pasted.encode(), by=by, now=timezone.now())
        return row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The actions stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on it."""

    @admin.display(description="policy", ordering="policy")
    def policy_now(self, row: Any) -> SafeString:
        return state_badge(row, "policy")

    @admin.display(description="ecosystem")
    def of_ecosystem(self, row: Any) -> SafeString:
        return change_link(row.anchor.ecosystem)

    @admin.display(description="last fetched", ordering="fetched_at")
    def fetched(self, row: Any) -> str:
        return told_there(row, row.fetched_at)

    @admin.display(description="list of")
    def since(self, row: Any) -> str:
        return told_there(row, row.this_update)

    @admin.display(description="next update", ordering="next_update")
    def until(self, row: Any) -> str:
        return told_there(row, row.next_update)
