"""The accounts from which a person may choose for a request: the bank's, less what was not asked.

They are read from the bank again for every page and every answer: what a form sends is a choice
among them and never a statement about them.
"""

from collections.abc import Collection
from dataclasses import replace

from django.utils.translation import gettext as _

from authserver.accounts.models import Enrolment
from authserver.protocol.requirements import case
from consents.account_source import Account, SourceUnavailable, source_of
from consents.details import type_of
from consents.types.detail_type import Accounts, Detail


def how_many(details: Collection[Detail]) -> Accounts:
    """Whether the details want one account, some or none; a request never mixes the first two."""
    numbers = {type_of(detail).accounts for detail in details} - {Accounts.NONE}
    return numbers.pop() if numbers else Accounts.NONE


@case("AZ-16", "AD-05")
def offered_to(enrolment: Enrolment, *, details: Collection[Detail]) -> list[Account]:
    """The person's accounts, those that cannot be chosen with the reason, or SourceUnavailable.

    Nobody's are asked for by an identifier that no bank gave a name.
    """
    if enrolment.needs_confirmation:
        raise SourceUnavailable("no bank has said who the person is")
    needing_accounts = [detail for detail in details if type_of(detail).needs_accounts]
    source = source_of(enrolment.ecosystem, types=[detail["type"] for detail in needing_accounts])
    kinds = {kind for detail in needing_accounts for kind in type_of(detail).account_kinds(detail)}
    return [_judged(account, kinds) for account in source.accounts_of(enrolment.person_id)]


def _judged(account: Account, kinds: Collection[str]) -> Account:
    if not account.shareable:
        return replace(account, reason=account.reason or _("Your bank does not allow it."))
    if kinds and account.kind not in kinds:
        return replace(
            account, shareable=False, reason=_("This kind of account was not asked for.")
        )
    return account
