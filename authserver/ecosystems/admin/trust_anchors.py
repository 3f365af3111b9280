"""The CAs that an ecosystem trusts: pasted, judged, shown; taken away, never changed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from authserver.backoffice.fields import ModelForm
from authserver.backoffice.html import change_link, preformatted
from authserver.backoffice.made_once import MadeOnceAdmin
from authserver.backoffice.pem import forget_a_private_key, pem_field
from authserver.backoffice.verbs import Verb
from authserver.ecosystems import actions
from authserver.ecosystems.models import TrustAnchor
from authserver.protocol.specs.mtls import BadCertificate
from authserver.storage.django_internals import MadeByAnAction
from clients.models import ClientCertificate


class AnchorForm(MadeByAnAction, ModelForm):
    certificate = pem_field("The certificate of a root or issuing CA, in PEM.")

    class Meta:
        model = TrustAnchor
        fields = ("ecosystem", "certificate")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if pem := cleaned.get("certificate"):
            try:
                actions.read_anchor(pem, now=timezone.now())
            except BadCertificate as fault:
                self.add_error("certificate", fault.sentence)
        forget_a_private_key(self, "certificate")
        return cleaned


def remove_anchor(anchor: TrustAnchor, by: str) -> str:
    actions.remove_trust_anchor(anchor, by=by)
    return "The CA is trusted no longer."


def what_removing_breaks(anchor: TrustAnchor) -> list[str]:
    issued = ClientCertificate.objects.filter(
        ClientCertificate.UNREVOKED.q(),
        client__ecosystem=anchor.ecosystem,
        issuer=anchor.subject,
    )
    return [
        f"Certificates that it issued are refused at once; active ones: {issued.count()}.",
        "Certificates of CAs below it are refused as well.",
    ]


@admin.register(TrustAnchor)
class TrustAnchorAdmin(MadeOnceAdmin):
    when_empty = (
        "No client certificate is accepted that a CA has issued. Add the root of each CA that an"
        " ecosystem trusts, then its issuing CAs."
    )
    form = AnchorForm
    list_display = ("subject", "ecosystem", "kind", "not_after")
    list_filter = ("ecosystem", "kind")
    list_select_related = ("ecosystem",)
    search_fields = ("subject", "thumbprint")
    typed = ("ecosystem", "certificate")
    shown = ("of_ecosystem", "kind", "subject", "thumbprint", "not_after", "added_at", "text")
    verbs = (
        Verb(
            name="remove",
            label="Trust it no longer",
            run=remove_anchor,
            consequences=what_removing_breaks,
            dangerous=True,
        ),
    )

    def audit_subject(self, row: Any) -> str:
        return str(row.thumbprint)

    def make(self, typed: Mapping[str, Any], *, by: str) -> TrustAnchor:
        return actions.add_trust_anchor(
            typed["ecosystem"], pem=typed["certificate"], by=by, now=timezone.now()
        )

    @admin.display(description="ecosystem")
    def of_ecosystem(self, row: Any) -> SafeString:
        return change_link(row.ecosystem)

    @admin.display(description="certificate")
    def text(self, row: Any) -> SafeString:
        return preformatted(row.certificate)
