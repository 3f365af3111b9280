"""Clients: registered for one participant, held to its ecosystem's profile, let in when ready."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from authserver.backoffice.html import bullets, change_link, link_button, list_link, state_badge
from authserver.backoffice.inlines import ReadOnlyInline
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.times import told_there
from authserver.protocol.requirements import case
from clients import actions
from clients.admin import readiness
from clients.admin.client_form import ClientForm, tell_of_left_out
from clients.admin.client_verbs import VERBS
from clients.admin.fitting import why_none_fits
from clients.models import ClientCertificate, Participant

NUMBER = re.compile(r"[0-9]{1,18}")


class CertificateInline(ReadOnlyInline):
    model = ClientCertificate
    fields = ("certificate", "thumbprint", "until", "state_now")
    readonly_fields = fields
    verbose_name_plural = "Certificates: what it presents"

    @admin.display(description="certificate")
    def certificate(self, row: ClientCertificate) -> SafeString:
        return change_link(row, row.subject)

    @admin.display(description="not after")
    def until(self, row: ClientCertificate) -> str:
        return told_there(row, row.not_after)

    @admin.display(description="state")
    def state_now(self, row: ClientCertificate) -> SafeString:
        return state_badge(row)


class ClientAdmin(OperatorAdmin):
    when_empty = "Register a participant, then the software by which it calls."
    form = ClientForm
    inlines = (CertificateInline,)
    list_display = (
        "name",
        "state_now",
        "client_id",
        "participant",
        "ecosystem",
    )
    list_filter = ("ecosystem", "state", "token_endpoint_auth_method")
    list_select_related = ("ecosystem", "participant")
    search_fields = (
        "client_id",
        "name",
        "participant__trading_name",
        "participant__legal_name",
        "certificates__thumbprint",
        "redirect_uris",
    )
    search_help_text = "Client id, name, participant, certificate thumbprint or redirect host"
    standing = ("state_now", "is_ready", "next_step", "keys_found", "refused", "was_given")
    fieldsets = (
        ("Who it is", {"fields": ("belongs_to", "name", "client_id", "description")}),
        ("Where it stands", {"fields": standing}),
        (
            "How it proves itself",
            {
                "fields": (
                    "token_endpoint_auth_method",
                    "client_jwks_uri",
                    "client_jwks",
                    "pin_certificates",
                )
            },
        ),
        (
            "The name in its certificate",
            {
                "classes": ("collapse",),
                "description": "For tls_client_auth only: exactly one of them.",
                "fields": (
                    "tls_client_auth_subject_dn",
                    "tls_client_auth_san_dns",
                    "tls_client_auth_san_uri",
                    "tls_client_auth_san_ip",
                    "tls_client_auth_san_email",
                ),
            },
        ),
        (
            "What it may ask for",
            {
                "fields": (
                    "grant_types",
                    "scopes",
                    "claims",
                    "authorization_details_types",
                    "redirect_uris",
                )
            },
        ),
        (
            "How requests and answers are signed",
            {
                "fields": (
                    "require_signed_request_object",
                    "signing_algorithm",
                    "authorization_response_mode",
                    "id_token_signed_response_alg",
                    "introspection_signed_response",
                )
            },
        ),
        (
            "Its access tokens",
            {
                "fields": (
                    "dpop_bound_access_tokens",
                    "tls_client_certificate_bound_access_tokens",
                    "access_token_format",
                    "access_token_seconds",
                )
            },
        ),
        ("Where it calls from", {"classes": ("collapse",), "fields": ("allowed_addresses",)}),
    )
    verbs = VERBS

    # The form belongs to one participant, which is chosen first

    @case("AD-03")
    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Whose client it is comes from the address or the row, never from the form."""
        owner = obj.participant if obj else self._chosen(request)
        bound = type("BoundClientForm", (ClientForm,), {"participant": owner})
        return super().get_form(request, obj, *args, **{"form": bound, **kwargs})

    def _chosen(self, request: HttpRequest) -> Participant:
        """Read once for a request: its form, its fields and its title all ask."""
        participant = getattr(request, "chosen_participant", None)
        if participant is None:
            chosen = request.GET.get("participant", "")
            number = chosen if NUMBER.fullmatch(chosen) else 0
            with_ecosystem = Participant.objects.select_related("ecosystem")
            participant = get_object_or_404(with_ecosystem, pk=number)
            request.chosen_participant = participant  # type: ignore[attr-defined]
        return participant

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "participant" in request.GET:
            owner = self._chosen(request)
            title = {"title": f"Register a client of {owner}, in {owner.ecosystem}"}
            return super().add_view(request, form_url, title | (extra_context or {}))
        context = {
            **self.admin_site.each_context(request),
            "title": "Register a client: whose is it?",
            "opts": self.opts,
            "participants": Participant.objects.select_related("ecosystem"),
        }
        return TemplateResponse(request, "admin/choose_participant.html", context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the ecosystem has on offer is ticked as a start; nothing else is taken over."""
        return {"grant_types": ["authorization_code", "refresh_token"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("belongs_to", *self.standing, "client_id") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what is not known yet, and without keys by value where they are refused."""
        owner = obj.participant if obj else self._chosen(request)
        by_value = "jwks" in owner.ecosystem.rules.key_sources or (obj and obj.client_jwks)
        unneeded = {*(() if obj else ("belongs_to", *self.standing))}
        unneeded |= set() if by_value else {"client_jwks"}
        return [
            (title, {**options, "fields": shown})
            for title, options in self.fieldsets
            if (shown := [name for name in options["fields"] if name not in unneeded])
        ]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()

    def audit_subject(self, row: Any) -> str:
        return str(row.client_id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by = request.user.get_username()
        if change:
            actions.change_client(obj, by=by)
        else:
            actions.register_client(obj, by=by)
            messages.info(request, "Next: its certificate and its keys, then let it in.")
        tell_of_left_out(request, form.fields.get("client_jwks"))
        if sentence := why_none_fits(obj, now=timezone.now()):
            messages.warning(request, sentence)

    # What is shown

    @admin.display(description="state", ordering="state")
    def state_now(self, row: Any) -> SafeString:
        return state_badge(row)

    @admin.display(description="participant")
    def belongs_to(self, row: Any) -> SafeString:
        return change_link(row.participant, f"{row.participant}, in {row.ecosystem}")

    @admin.display(description="missing")
    def is_ready(self, row: Any) -> SafeString:
        return bullets(readiness.missing(row), none="Nothing: it is ready.")

    @admin.display(description="next step")
    def next_step(self, row: Any) -> SafeString:
        return link_button("clients_clientcertificate", "Add a certificate", client=row.pk)

    @admin.display(description="refusals")
    def refused(self, row: Any) -> SafeString:
        return list_link("audit_refusal", "Why its requests were refused", q=row.client_id)

    @admin.display(description="consents")
    def was_given(self, row: Any) -> SafeString:
        query = {"q": row.client_id, "by": "client id"}
        return list_link("consents_consent", "What people let it do", **query)

    @admin.display(description="keys")
    def keys_found(self, row: Any) -> SafeString:
        return bullets(readiness.keys_of(row), none="None fetched yet.")
