"""The form of a client. What its ecosystem's profile does not offer is not on it.

What is typed by hand is held to the same rules by the model.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import CharField
from django.http import HttpRequest
from django.utils.html import escape

from authserver.backoffice.fields import Lines, ModelForm, TextOfLines, Ticked
from authserver.protocol import jose
from authserver.protocol.profiles.base import Profile
from clients.models import Client, Participant

MOST_NAMED = 10  # keys that are left out, in one sentence
GRANTS = {
    "authorization_code": "authorization_code: a person says yes",
    "refresh_token": "refresh_token: keeps access for as long as that consent lives",
    "client_credentials": "client_credentials: acts for itself",
}
PRIVATE_MEMBER = re.compile(r'"(?:d|p|q|dp|dq|qi|oth|k)"\s*:')
client_id_is_plain = RegexValidator(
    r"^[A-Za-z0-9._~:/-]+$", "Letters, digits and . _ ~ : / - only."
)


class KeySet(forms.JSONField):
    """A JWK Set by value: every key judged on its own, and nothing private among them.

    ``left_out`` says of the last set which keys we cannot use, and why.
    """

    left_out: tuple[str, ...] = ()
    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        jwks = super().clean(value)
        if not jwks:
            return None
        try:
            members = jose.require_a_set(jwks)
            public_keys = jose.import_jwks(jwks)
        except jose.BadJOSE:
            raise ValidationError('Not a JWK Set: {"keys": [...]} is expected.') from None
        if secret := [place for place, jwk in enumerate(members, start=1) if jose.is_secret(jwk)]:
            raise ValidationError(
                f"Not accepted: key {', '.join(map(str, secret))} is private or symmetric. Paste"
                " public keys only, and have that one replaced: others have seen it."
            )
        if not public_keys.keys and not any(
            "x5c" in jwk for jwk in members if isinstance(jwk, dict)
        ):
            reasons = "; ".join(public_keys.rejected[:MOST_NAMED]) or "it is empty"
            raise ValidationError(f"There is no key in it that we can use: {reasons}.")
        self.left_out = public_keys.rejected
        return jwks

    def prepare_value(self, value: Any) -> Any:
        """Show nothing again that may have a private key in it."""
        text = value if isinstance(value, str) else json.dumps(value, indent=2) if value else ""
        return "" if PRIVATE_MEMBER.search(text) else text


def tell_of_left_out(request: HttpRequest, field: forms.Field | None) -> None:
    """Tell the operator which keys of a pasted set are of no use to us; the others are stored."""
    left_out = getattr(field, "left_out", ())
    if left_out:
        more = len(left_out) - MOST_NAMED
        named = "; ".join(left_out[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        messages.warning(request, f"Left out, since we cannot use them: {named}.")


class ClientForm(ModelForm):
    """The page makes a subclass for one participant, whose ecosystem decides what is on offer."""

    participant: Participant

    redirect_uris = TextOfLines(
        label="Redirect URIs",
        help_text="One per line, https, compared character by character.",
    )
    grant_types = Ticked(label="Grants")
    scopes = Ticked()
    claims = Ticked(
        label="Claims",
        help_text="What it may be told of a person one by one, by the claims parameter.",
    )
    authorization_details_types = Lines(label="Types of authorization_details")
    allowed_addresses = Lines(
        help_text="One address or network per line: 192.0.2.7 or 192.0.2.0/24. Empty: anywhere."
        " It comes on top of the authentication, never instead of it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    client_jwks = KeySet(
        label="JWKS by value",
        required=False,
        help_text="Keys that we cannot use are left out and named; a private key is refused. The"
        " whole form may have 128 KB: some sixteen keys, each with a chain of three certificates.",
    )

    class Meta:
        model = Client
        fields = (
            "name",
            "client_id",
            "description",
            "token_endpoint_auth_method",
            "client_jwks_uri",
            "client_jwks",
            "tls_client_auth_subject_dn",
            "tls_client_auth_san_dns",
            "tls_client_auth_san_uri",
            "tls_client_auth_san_ip",
            "tls_client_auth_san_email",
            "pin_certificates",
            "grant_types",
            "scopes",
            "claims",
            "authorization_details_types",
            "redirect_uris",
            "require_signed_request_object",
            "authorization_response_mode",
            "signing_algorithm",
            "id_token_signed_response_alg",
            "introspection_signed_response",
            "dpop_bound_access_tokens",
            "tls_client_certificate_bound_access_tokens",
            "access_token_format",
            "access_token_seconds",
            "allowed_addresses",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.participant = self.participant
        if "client_id" in self.fields:
            self.fields["client_id"].validators.append(client_id_is_plain)
            self.fields[
                "client_id"
            ].help_text = (
                "Keep this one, or write the identifier that the ecosystem's directory gave it."
            )
        if "name" in self.fields:
            self.fields["name"].required = True
            self._offer(self.participant.ecosystem.rules)

    def _offer(self, profile: Profile) -> None:
        ecosystem = self.participant.ecosystem
        self._only("token_endpoint_auth_method", profile.client_authentication_methods)
        self._only("authorization_response_mode", profile.response_modes)
        self._only("signing_algorithm", profile.signing_algorithms)
        self._only("id_token_signed_response_alg", profile.signing_algorithms)
        self._only("access_token_format", profile.access_token_formats)
        self._tick("grant_types", {name: GRANTS.get(name, name) for name in profile.grant_types})
        sentences = {name: f"{name}: {sentence}" for name, sentence in ecosystem.scopes.items()}
        self._tick("scopes", sentences)
        self._tick("claims", {name: name for name in ecosystem.claims})
        types = ", ".join(ecosystem.authorization_details_types) or "none"
        self._help(
            "authorization_details_types",
            f"One per line: full names, or a prefix and *. On offer in {ecosystem}: {types}.",
        )
        longest = ecosystem.access_token_lifetime.total_seconds()
        self._help("access_token_seconds", f"At most {longest:.0f}. Empty: as the ecosystem.")
        if profile.request_object_required:
            self._settle("require_signed_request_object", to=True, rule="request_object_required")
        if len(profile.sender_constraints) == 1:
            by_dpop = profile.sender_constraints == ("dpop",)
            self._settle("dpop_bound_access_tokens", to=by_dpop, rule="sender_constraints")
        if profile.sender_constraint_required:
            self._help(
                "tls_client_certificate_bound_access_tokens",
                f"{profile.title} binds every token: to the certificate, or by DPoP.",
            )

    def _help(self, name: str, sentence: str) -> None:
        """The page prints help as HTML; an ecosystem's name is text."""
        self.fields[name].help_text = escape(sentence)

    def _only(self, name: str, offered: Collection[str]) -> None:
        """Offer what the profile offers, and what is stored: saving must not change it unseen."""
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        selectable = {"", *offered, getattr(self.instance, name)}
        column = Client._meta.get_field(name)
        assert isinstance(column, CharField)
        choices = dict(column.flatchoices)
        if column.blank:
            choices = {"": "As the ecosystem allows"} | choices
        field.choices = [(value, label) for value, label in choices.items() if value in selectable]

    def _tick(self, name: str, offered: Mapping[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, Ticked)
        stored = {value: f"{value}: no longer on offer" for value in getattr(self.instance, name)}
        field.offer(stored | dict(offered))

    def _settle(self, name: str, *, to: bool, rule: str) -> None:
        """Show what the profile has decided; nothing that is posted changes it."""
        profile = self.participant.ecosystem.rules
        field = self.fields[name]
        field.disabled = True
        self.initial[name] = to
        self._help(name, f"Decided by {profile.title} [{profile.clauses[rule]}].")
