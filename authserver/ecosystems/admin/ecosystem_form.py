"""The form of an ecosystem: lists as lines and ticks, an issuer that follows from its path."""

from typing import Any

from django import forms
from django.conf import settings

from authserver.backoffice.fields import Lines, ModelForm, Sentences, Ticked
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.specs.claims import SUPPORTED
from consents import types


class EcosystemForm(ModelForm):
    scopes = Sentences(
        help_text="One per line: its name, a colon, and the sentence that a person reads."
        " For example: accounts: See your accounts.",
    )
    client_credentials_scopes = Lines(
        label="Scopes without a person",
        help_text="One per line: those of them that a client may have for itself.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    claims = Ticked(
        label="Claims",
        help_text="What a client may be told of a person one by one, by the claims parameter."
        " What the scopes profile and email cover is on offer with them.",
        choices=[(name, name) for name in SUPPORTED],
    )
    authorization_details_types = Ticked(label="Types of authorization_details")
    languages = Ticked(choices=settings.LANGUAGES, required=True)

    class Meta:
        model = Ecosystem
        fields = (
            "name",
            "slug",
            "issuer",
            "machine_base",
            "profile",
            "scopes",
            "client_credentials_scopes",
            "claims",
            "authorization_details_types",
            "login_policy",
            "subject_type",
            "signing_algorithm",
            "dpop_nonce_required",
            "access_token_seconds",
            "request_uri_seconds",
            "authorization_code_seconds",
            "transaction_seconds",
            "pushed_requests_per_client",
            "time_zone",
            "languages",
            "accent_colour",
            "logo_text",
            "support",
            "privacy_url",
            "terms_url",
        )
        labels = {
            "slug": "Path",
            "machine_base": "Base for machines",
            "dpop_nonce_required": "Demand a nonce in DPoP proofs",
            "access_token_seconds": "Access token, seconds",
            "request_uri_seconds": "request_uri, seconds",
            "authorization_code_seconds": "Authorization code, seconds",
            "transaction_seconds": "The person's time, seconds",
            "pushed_requests_per_client": "Waiting requests of a client",
            "time_zone": "Time zone",
            "support": "Help line",
            "privacy_url": "Privacy page",
            "terms_url": "Terms page",
        }
        widgets = {"accent_colour": forms.TextInput(attrs={"type": "color"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "authorization_details_types" in self.fields:
            field = self.fields["authorization_details_types"]
            stored = dict.fromkeys(self.instance.authorization_details_types)
            names = {**dict.fromkeys(types.offered()), **stored}
            assert isinstance(field, Ticked)
            field.offer({name: name for name in names})
