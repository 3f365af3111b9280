"""Ecosystems: which rules, what is on offer, what people see."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authserver.backoffice.counting import counted
from authserver.backoffice.html import bullets, change_link, link_button
from authserver.backoffice.inlines import ReadOnlyInline
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.times import told_there
from authserver.backoffice.verbs import Verb
from authserver.ecosystems import actions
from authserver.ecosystems.admin.ecosystem_form import EcosystemForm
from authserver.ecosystems.models import Ecosystem, TrustAnchor
from clients.models import Client
from consents.models import Consent


class AnchorInline(ReadOnlyInline):
    model = TrustAnchor
    fields = ("authority", "kind", "until")
    readonly_fields = fields
    verbose_name_plural = "Trusted CAs: who may issue client certificates"

    @admin.display(description="CA")
    def authority(self, row: TrustAnchor) -> SafeString:
        return change_link(row, row.subject)

    @admin.display(description="not after")
    def until(self, row: TrustAnchor) -> str:
        return told_there(row, row.not_after)


def switch_on(ecosystem: Ecosystem, by: str) -> str:
    actions.switch(ecosystem, on=True, by=by)
    return f"{ecosystem} answers."


def switch_off(ecosystem: Ecosystem, by: str) -> str:
    actions.switch(ecosystem, on=False, by=by)
    return f"{ecosystem} is switched off."


def what_switching_off_breaks(ecosystem: Ecosystem) -> list[str]:
    clients = Client.objects.filter(Client.ALIVE.q(), ecosystem=ecosystem).count()
    consents = counted(
        Consent.objects.alive(now=timezone.now()),
        [Consent.objects.filter(ecosystem=ecosystem)],
        by="created_at",
    )
    return [
        "Every endpoint of the ecosystem answers 404, its keys and metadata too.",
        f"Active clients that are refused: {clients}.",
        f"Live consents that stop working: {consents}.",
    ]


@admin.register(Ecosystem)
class EcosystemAdmin(OperatorAdmin):
    when_empty = "Begin here: add the first one, then its CAs and its participants."
    form = EcosystemForm
    inlines = (AnchorInline,)
    list_display = ("name", "issuer", "profile", "answers", "created_at")
    list_filter = ("profile", "is_active")
    search_fields = ("name", "slug", "issuer")
    fieldsets = (
        (
            "Which issuer it is",
            {"fields": ("name", "slug", "issuer", "machine_base", "profile")},
        ),
        ("Where it stands", {"fields": ("answers", "next_step", "rules_in_force")}),
        (
            "What is on offer",
            {
                "fields": (
                    "scopes",
                    "client_credentials_scopes",
                    "claims",
                    "authorization_details_types",
                )
            },
        ),
        (
            "How people appear and sign in",
            {"fields": ("login_policy", "subject_type")},
        ),
        (
            "What we sign with, and how long things live",
            {
                "description": "Empty: as the profile says. Only shorter is possible.",
                "fields": (
                    "signing_algorithm",
                    "dpop_nonce_required",
                    "access_token_seconds",
                    "request_uri_seconds",
                    "authorization_code_seconds",
                    "transaction_seconds",
                ),
            },
        ),
        ("How much one client may use", {"fields": ("pushed_requests_per_client",)}),
        (
            "What people see",
            {
                "fields": (
                    "time_zone",
                    "languages",
                    "accent_colour",
                    "logo_text",
                    "support",
                    "privacy_url",
                    "terms_url",
                )
            },
        ),
    )
    verbs = (
        Verb(
            name="switch-on",
            label="Switch on",
            run=switch_on,
            offered=lambda row: not row.is_active,
            consequences=lambda row: ["Its endpoints answer, and its active clients may call."],
        ),
        Verb(
            name="switch-off",
            label="Switch off",
            run=switch_off,
            offered=lambda row: row.is_active,
            consequences=what_switching_off_breaks,
            dangerous=True,
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else (self.fieldsets[0], *self.fieldsets[2:])

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An issuer that clients know is theirs for ever: it stands in every token."""
        if obj is None:
            return ()
        fixed = ("slug", "issuer") if obj.participants.exists() else ()
        return (*fixed, "answers", "next_step", "rules_in_force")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "issuer": f"{settings.PUBLIC_BASE}/",
            "machine_base": f"{settings.MACHINE_BASE}/",
            "scopes": {"openid": "Know that it is you"},
            "languages": ["en"],
        }

    def audit_subject(self, row: Any) -> str:
        return str(row.slug)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        verb = actions.change if change else actions.create
        verb(obj, by=request.user.get_username())

    @admin.display(description="answers", boolean=True, ordering="is_active")
    def answers(self, row: Any) -> bool:
        return Ecosystem.ALIVE.holds(row)

    @admin.display(description="next step")
    def next_step(self, row: Any) -> SafeString:
        return bullets(
            (
                link_button("ecosystems_trustanchor", "Trust a CA", ecosystem=row.pk),
                link_button("keys_signingkey", "Make a signing key", ecosystem=row.pk),
                link_button("clients_participant", "Register a participant", ecosystem=row.pk),
                format_html(
                    '<a class="next-step" href="{}?ecosystem={}">See what another profile'
                    " would break</a>",
                    reverse("admin:profiles"),
                    row.slug,
                ),
            )
        )

    @admin.display(description="rules in force")
    def rules_in_force(self, row: Any) -> SafeString:
        return format_html(
            '<a href="{}?profile={}">{}, as a table with its clauses</a>',
            reverse("admin:profiles"),
            row.profile,
            row.rules.title,
        )
