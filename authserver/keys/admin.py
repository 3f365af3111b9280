"""Signing keys: made, put to use, retired, withdrawn. The private half is never shown."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from authserver.backoffice.fields import ModelForm
from authserver.backoffice.html import change_link, preformatted, state_badge
from authserver.backoffice.made_once import MadeOnceAdmin
from authserver.backoffice.verbs import Refused, Verb
from authserver.keys import actions
from authserver.keys.models import SigningKey
from authserver.storage.django_internals import MadeByAnAction

ALGORITHMS = {
    "PS256": "PS256: RSA, 2048 bits",
    "ES256": "ES256: elliptic, P-256",
    "Ed25519": "Ed25519",
    actions.ENCRYPTION_ALGORITHM: f"{actions.ENCRYPTION_ALGORITHM}: for what is encrypted to us",
}
State = SigningKey.State
MEANWHILE = "Somebody else has changed this key meanwhile; nothing was done."


class SigningKeyForm(MadeByAnAction, ModelForm):
    algorithm = forms.ChoiceField(
        choices=list(ALGORITHMS.items()),
        help_text="It is published at once and signs once you put it to use.",
    )

    class Meta:
        model = SigningKey
        fields = ("ecosystem", "algorithm")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ecosystem, algorithm = cleaned.get("ecosystem"), cleaned.get("algorithm")
        if ecosystem and algorithm != actions.ENCRYPTION_ALGORITHM:
            rules = ecosystem.rules
            if algorithm not in rules.signing_algorithms:
                clause = rules.clauses["signing_algorithms"]
                offered = ", ".join(rules.signing_algorithms)
                self.add_error("algorithm", f"{rules.title} allows {offered} [{clause}].")
        return cleaned


def put_to_use(key: SigningKey, by: str) -> str:
    if not actions.activate(key, by=by):
        raise Refused(MEANWHILE)
    return "The key is in use; the one before it is retired and still published."


def retire(key: SigningKey, by: str) -> str:
    if not actions.retire(key, by=by):
        raise Refused(MEANWHILE)
    return "The key signs no longer; it is still published."


def withdraw(key: SigningKey, by: str) -> str:
    if not actions.withdraw(key, by=by):
        raise Refused(MEANWHILE)
    return "The key is withdrawn."


def what_using_it_does(key: SigningKey) -> list[str]:
    replaced = SigningKey.objects.filter(
        SigningKey.SIGNS.q(), ecosystem=key.ecosystem, algorithm=key.algorithm, use=key.use
    ).first()
    return [
        f"{key.ecosystem} signs {key.algorithm} with it from now on.",
        f"{replaced} is retired; what it signed still verifies."
        if replaced
        else "Nothing is replaced.",
        "Verifiers that cached the key set before this key was published refuse what it signs"
        " until they ask again: publish a key some hours before you put it to use.",
    ]


def what_retiring_breaks(key: SigningKey) -> list[str]:
    if not SigningKey.SIGNS.holds(key):
        return ["It did not sign yet; nothing is interrupted."]
    return [
        f"Nothing signs {key.algorithm} for {key.ecosystem} until another key is put to use:"
        " clients that need it get no tokens.",
        "To replace it without a break, put the next key to use instead.",
    ]


def what_withdrawing_breaks(key: SigningKey) -> list[str]:
    return [
        "It leaves the published key set at once, for ever.",
        "Everything that it signed and that is still valid is refused by those who verify it, once"
        " they have read the key set again: five minutes at most.",
        "Introspection and userinfo refuse the access tokens that it signed at once; clients get"
        " new ones by their refresh tokens.",
        *(what_retiring_breaks(key)[:1] if SigningKey.SIGNS.holds(key) else ()),
    ]


@admin.register(SigningKey)
class SigningKeyAdmin(MadeOnceAdmin):
    when_empty = "Nothing can be signed. Add a key for an ecosystem, then put it to use."
    form = SigningKeyForm
    list_display = ("kid", "ecosystem", "algorithm", "use", "state_now", "created_at")
    list_filter = ("ecosystem", "state", "algorithm")
    list_select_related = ("ecosystem",)
    search_fields = ("kid",)
    typed = ("ecosystem", "algorithm")
    shown = (
        "of_ecosystem",
        "kid",
        "algorithm",
        "use",
        "state_now",
        "created_at",
        "activated_at",
        "retired_at",
        "public_half",
    )
    verbs = (
        Verb(
            name="activate",
            label="Put to use",
            run=put_to_use,
            offered=lambda row: row.state in (State.PUBLISHED, State.RETIRED),
            consequences=what_using_it_does,
        ),
        Verb(
            name="retire",
            label="Retire",
            run=retire,
            offered=lambda row: row.state in (State.PUBLISHED, State.ACTIVE),
            consequences=what_retiring_breaks,
            dangerous=True,
        ),
        Verb(
            name="withdraw",
            label="Withdraw",
            run=withdraw,
            offered=SigningKey.VERIFIES.holds,
            consequences=what_withdrawing_breaks,
            dangerous=True,
        ),
    )

    def audit_subject(self, row: Any) -> str:
        return str(row.kid)

    def make(self, typed: Mapping[str, Any], *, by: str) -> SigningKey:
        return actions.create(typed["ecosystem"], algorithm=typed["algorithm"], by=by)

    @admin.display(description="state", ordering="state")
    def state_now(self, row: Any) -> SafeString:
        return state_badge(row)

    @admin.display(description="ecosystem")
    def of_ecosystem(self, row: Any) -> SafeString:
        return change_link(row.ecosystem)

    @admin.display(description="public half")
    def public_half(self, row: Any) -> SafeString:
        return preformatted(json.dumps(row.public_jwk, indent=2))
