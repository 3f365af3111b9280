"""Resource servers: the APIs that take our tokens, and the bank that knows people's accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from authserver.backoffice.fields import Lines, ModelForm
from authserver.backoffice.model_admin import OperatorAdmin
from authserver.backoffice.verbs import Verb
from authserver.protocol import jose
from authserver.protocol.requirements import case
from clients import actions
from clients.admin.client_form import tell_of_left_out
from clients.models import ResourceServer


class EncryptionKey(forms.JSONField):
    """A key to which we can encrypt, alone or in a JWK Set; ``left_out`` names the others."""

    left_out: tuple[str, ...] = ()
    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        pasted = super().clean(value)
        if not pasted:
            return None
        try:
            key, self.left_out = jose.encryption_key_in(pasted)
        except jose.BadJOSE as fault:
            raise ValidationError(f"Not a public key that we accept: {fault}.") from None
        return key


class ResourceServerForm(ModelForm):
    scopes = Lines(help_text="One per line: tokens with one of these are for this server.")
    authorization_details_types = Lines(
        label="Types of authorization_details",
        help_text="One per line: full names, or a prefix and *.",
    )
    encryption_jwk = EncryptionKey(
        label="Encryption key",
        required=False,
        help_text="A public JWK, or a JWK Set: the first key is taken that we can encrypt to."
        " JWT access tokens for this server are then encrypted to it.",
    )
    new_account_source_token = forms.CharField(
        label="Account source token",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The bearer token that the bank demands of us. Encrypted, and never shown again;"
        " leave it empty to keep the one that is stored. Another address needs it typed anew.",
    )

    class Meta:
        model = ResourceServer
        fields = (
            "ecosystem",
            "name",
            "identifier",
            "participant",
            "client",
            "is_active",
            "scopes",
            "authorization_details_types",
            "token_format",
            "encryption_jwk",
            "account_source_url",
        )

    @case("AD-12")
    def clean(self) -> dict[str, Any]:
        """A secret is typed anew by whoever sends it somewhere else."""
        cleaned = super().clean() or {}
        url, token = cleaned.get("account_source_url"), cleaned.get("new_account_source_token")
        stored = self.instance.encrypted_account_source_token
        if stored and url and url != self.initial.get("account_source_url") and not token:
            self.add_error(
                "new_account_source_token",
                "Type the token again: it would go to another address than it was given for.",
            )
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """The token is sealed for the address that was typed beside it."""
        if token := self.cleaned_data.get("new_account_source_token"):
            self.instance.account_source_token = token
        return super().save(commit)


def remove(server: ResourceServer, by: str) -> str:
    name = str(server)
    actions.remove_resource_server(server, by=by)
    return f"{name} is removed."


@admin.register(ResourceServer)
class ResourceServerAdmin(OperatorAdmin):
    when_empty = "Add the API that tokens are for, with the client by which it introspects them."
    form = ResourceServerForm
    list_display = ("name", "identifier", "ecosystem", "token_format", "client", "is_active")
    list_filter = ("ecosystem", "is_active", "token_format")
    list_select_related = ("ecosystem", "client")
    search_fields = ("name", "identifier", "client__client_id", "participant__trading_name")
    search_help_text = "Name, identifier, client id or participant"
    autocomplete_fields = ("participant", "client")
    fieldsets = (
        (
            "Who it is",
            {"fields": ("ecosystem", "name", "identifier", "participant", "is_active")},
        ),
        (
            "Which tokens are for it",
            {"fields": ("scopes", "authorization_details_types", "token_format", "encryption_jwk")},
        ),
        (
            "How it asks about tokens",
            {
                "description": "Register a client without grants for it, and name it here.",
                "fields": ("client",),
            },
        ),
        (
            "Where people's accounts are",
            {"fields": ("account_source_url", "new_account_source_token")},
        ),
    )
    verbs = (
        Verb(
            name="remove",
            label="Remove",
            run=remove,
            consequences=lambda row: [
                f"Tokens are no longer made for {row.identifier}; those out there are of no use.",
                "Its client and its participant stay.",
            ],
            permission="delete",
            dangerous=True,
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("ecosystem",) if obj else ()

    def audit_subject(self, row: Any) -> str:
        return str(row.identifier)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        verb = actions.change_resource_server if change else actions.register_resource_server
        verb(obj, by=request.user.get_username())
        tell_of_left_out(request, form.fields.get("encryption_jwk"))
