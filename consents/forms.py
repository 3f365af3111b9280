"""The answers that the journey's pages take; whatever else a form brings refuses it."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from authserver.protocol.requirements import case
from consents.account_source import Account
from consents.types.detail_type import Accounts

CSRF_FIELD = "csrfmiddlewaretoken"
APPROVE, REFUSE = "approve", "refuse"
SHOWN = "shown"


class ForeignAnswer(ValueError):
    """The form has a field or a value that our page did not offer."""


class AccountsForm(forms.Form):
    """Accounts among those offered: exactly one to pay from, or at least one to share."""

    accounts = forms.MultipleChoiceField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offered: Collection[Account],
        how_many: Accounts,
        chosen: Collection[str] = (),
    ) -> None:
        super().__init__(data)
        self.chosen = chosen
        self.offered = offered
        self.how_many = how_many
        self.shareable = {account.id: account for account in offered if account.shareable}
        field = self.fields["accounts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(each, each) for each in self.shareable]
        field.error_messages["required"] = (
            _("Choose the account to pay from.")
            if how_many is Accounts.ONE
            else _("Choose at least one account.")
        )

    @property
    def is_single(self) -> bool:
        return self.how_many is Accounts.ONE

    @property
    def ticked(self) -> Collection[str]:
        """What the person chose just now or before; else the only one that there is."""
        if isinstance(self.data, QueryDict) and self.is_bound:
            return self.data.getlist("accounts")
        if self.chosen:
            return self.chosen
        return list(self.shareable) if len(self.shareable) == 1 else []

    def choices(self) -> Mapping[str, Any]:
        """What is kept of the answer, in the bank's order."""
        chosen = set(self.cleaned_data["accounts"])
        return {
            "accounts": [each.as_choice() for each in self.offered if each.id in chosen],
        }


@case("AZ-16")
def require_offered_accounts(sent: QueryDict, form: AccountsForm) -> None:
    """Raise ForeignAnswer where anything was sent that the page did not offer."""
    require_known_fields(sent, {"accounts"})
    chosen = sent.getlist("accounts")
    if len(chosen) != len(set(chosen)) or not set(chosen) <= set(form.shareable):
        raise ForeignAnswer("an account that was not offered")
    if form.is_single and len(chosen) > 1:
        raise ForeignAnswer("more than one account to pay from")


@case("AZ-16")
def decision_in(sent: QueryDict) -> str:
    """``approve`` or ``refuse``; ForeignAnswer for anything else, beside it or in its place."""
    require_known_fields(sent, {"decision", SHOWN})
    values = sent.getlist("decision")
    if values not in ([APPROVE], [REFUSE]):
        raise ForeignAnswer("no decision")
    return str(values[0])


@case("AZ-16", "AZ-34")
def was_shown(sent: QueryDict, fingerprint: str) -> bool:
    """True if the form says, once, that the page it stood on showed the grant of this digest."""
    return sent.getlist(SHOWN) == [fingerprint]


def require_known_fields(sent: QueryDict, known: Collection[str]) -> None:
    if not set(sent) <= {*known, CSRF_FIELD}:
        raise ForeignAnswer("a field that is not in the form")
