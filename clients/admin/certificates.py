"""Certificates of clients: pasted, judged, shown; revoked, never changed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from authserver.backoffice.fields import ModelForm
from authserver.backoffice.html import bullets, change_link, preformatted, state_badge
from authserver.backoffice.made_once import MadeOnceAdmin
from authserver.backoffice.pem import forget_a_private_key, pem_field
from authserver.backoffice.verbs import Verb
from authserver.protocol.specs import mtls
from authserver.storage.django_internals import MadeByAnAction
from clients import actions
from clients.admin.fitting import why_none_fits
from clients.certificates import read_certificate
from clients.models import ClientCertificate


class CertificateForm(MadeByAnAction, ModelForm):
    pem = pem_field(
        "One certificate in PEM, without its private key. What stands in it is shown afterwards."
        " Those in use stay valid, so that the client can change over."
    )

    class Meta:
        model = ClientCertificate
        fields = ("client", "pem")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        client, pem = cleaned.get("client"), cleaned.get("pem")
        if client and pem:
            try:
                read_certificate(client, pem=pem, now=timezone.now())
            except mtls.BadCertificate as fault:
                self.add_error("pem", fault.sentence)
        forget_a_private_key(self, "pem")
        return cleaned


def revoke(certificate: ClientCertificate, by: str) -> str:
    actions.revoke_certificate(certificate, by=by)
    return "The certificate is revoked."


def what_revoking_breaks(certificate: ClientCertificate) -> list[str]:
    others = ClientCertificate.objects.filter(
        ClientCertificate.ALIVE.q(now=timezone.now()), client=certificate.client
    ).exclude(pk=certificate.pk)
    return [
        f"{certificate.client} can no longer call with it; tokens bound to it are of no use.",
        "The client has another certificate that is valid now."
        if others.exists()
        else "The client has no other certificate that is valid now.",
        "It cannot be registered again.",
    ]


@admin.register(ClientCertificate)
class CertificateAdmin(MadeOnceAdmin):
    when_empty = (
        "Paste the certificate that a client presents. One that is not registered here counts only"
        " where the profile and the client's own settings leave that open."
    )
    form = CertificateForm
    list_display = ("subject", "client", "thumbprint", "not_after", "state_now")
    list_filter = ("client__ecosystem", "state")
    list_select_related = ("client__ecosystem",)
    search_fields = ("thumbprint", "subject", "serial_number", "client__client_id", "client__name")
    search_help_text = "Thumbprint, subject, serial number, client"
    autocomplete_fields = ("client",)
    typed = ("client", "pem")
    shown = (
        "of_client",
        "state_now",
        "thumbprint",
        "subject",
        "other_names",
        "issuer",
        "serial_number",
        "key",
        "not_before",
        "not_after",
        "registered_at",
        "text",
    )
    verbs = (
        Verb(
            name="revoke",
            label="Revoke",
            run=revoke,
            offered=lambda row: row.state == ClientCertificate.State.ACTIVE,
            consequences=what_revoking_breaks,
            dangerous=True,
        ),
    )

    def audit_subject(self, row: Any) -> str:
        return str(row.client.client_id)

    def make(self, typed: Mapping[str, Any], *, by: str) -> ClientCertificate:
        return actions.register_certificate(
            typed["client"], pem=typed["pem"], by=by, now=timezone.now()
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if sentence := why_none_fits(obj.client, now=timezone.now()):
            messages.warning(request, sentence)

    @admin.display(description="state", ordering="state")
    def state_now(self, row: Any) -> SafeString:
        return state_badge(row)

    @admin.display(description="client")
    def of_client(self, row: Any) -> SafeString:
        return change_link(row.client)

    @admin.display(description="alternative names")
    def other_names(self, row: Any) -> SafeString:
        read = mtls.parse_pem(row.pem)
        return bullets([*read.dns_names, *read.uris, *read.ip_addresses, *read.emails])

    @admin.display(description="key")
    def key(self, row: Any) -> str:
        read = mtls.parse_pem(row.pem)
        return f"{read.key_kind}, {read.key_size} bits"

    @admin.display(description="certificate")
    def text(self, row: Any) -> SafeString:
        return preformatted(row.pem)
