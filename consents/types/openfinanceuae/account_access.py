"""``urn:openfinanceuae:account-access-consent``: read the accounts of a person or a business."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Description, Fact
from consents.types.detail_type import Accounts, Detail, DetailType
from consents.types.moments import instant_of
from consents.types.openfinanceuae import common
from consents.types.openfinanceuae.account_permissions import ACCOUNTS, NEED_ACCOUNTS, SENTENCES
from consents.types.words import all_in_words, groups_of

KINDS = {
    "CurrentAccount": gettext_noop("Current accounts"),
    "Savings": gettext_noop("Savings accounts"),
    "CreditCard": gettext_noop("Credit cards"),
    "Mortgage": gettext_noop("Mortgages"),
    "Finance": gettext_noop("Loans and other finance"),
}


@requirement("CBUAE-2.4b")
def permissions_come_with_their_accounts(detail: Detail, now: datetime) -> None:
    rules.names_come_with_one_of(
        common.body_of(detail)["Permissions"],
        dependent=NEED_ACCOUNTS,
        needed=ACCOUNTS,
        sentence="the permissions need ReadAccountsBasic or ReadAccountsDetail",
    )


@requirement("CBUAE-2.4b")
def period_begins_before_it_ends(detail: Detail, now: datetime) -> None:
    first, last = period_of(detail)
    rules.first_is_not_after(first, last, sentence="the period ends before it begins")


def period_of(detail: Detail) -> tuple[date | None, date | None]:
    """From when until when data may be read: days since v2.1, instants before."""
    body = common.body_of(detail)
    days = [body.get(name) for name in ("FromDate", "ToDate")]
    instants = [body.get(f"Transaction{name}DateTime") for name in ("From", "To")]
    first, last = (
        date.fromisoformat(day) if day else instant_of(instant) if instant else None
        for day, instant in zip(days, instants, strict=True)
    )
    return first, last


def account_kinds(detail: Detail) -> Collection[str]:
    kinds: Collection[str] = common.body_of(detail).get("AccountSubType", ())
    return kinds


def describe(detail: Detail) -> Description:
    return Description(
        title=_("Account information"),
        question=_("Share your account information?"),
        approve=_("Share my accounts"),
        refuse=_("Do not share"),
        groups=groups_of(common.body_of(detail)["Permissions"], SENTENCES),
        facts=(*_limits(detail), *common.parties(detail), *common.links(detail)),
        purpose=common.purpose_of(detail),
    )


def _limits(detail: Detail) -> list[Fact]:
    body = common.body_of(detail)
    first, last = period_of(detail)
    facts = [
        Fact(label=label, value=value)
        for label, value in ((_("Data from"), first), (_("Data until"), last))
        if value is not None
    ]
    if kinds := account_kinds(detail):
        facts.append(Fact(label=_("Kinds of account"), value=all_in_words(kinds, KINDS)))
    customers = [*body.get("AccountType", ())]
    billed = body.get("OpenFinanceBilling", {}).get("UserType")
    if billed and billed not in customers:
        customers.append(billed)
    if customers:
        facts.append(
            Fact(label=_("Kind of customer"), value=all_in_words(customers, common.CUSTOMERS))
        )
    return facts


V2_1 = DetailType(
    name="urn:openfinanceuae:account-access-consent:v2.1",
    clause="CBUAE-2.4b",
    schema="openfinanceuae/account-access-consent.v2.1.json",
    describe=describe,
    rules=(
        common.ends_within_a_year,
        common.base_is_another_consent,
        permissions_come_with_their_accounts,
        period_begins_before_it_ends,
    ),
    accounts=Accounts.SOME,
    account_kinds=account_kinds,
    end=common.end,
    external_id=common.external_id,
    base_id=common.base_id,
    granted=common.granted,
)
V2_2 = replace(
    V2_1,
    name="urn:openfinanceuae:account-access-consent:v2.2",
    schema="openfinanceuae/account-access-consent.v2.2.json",
)
V1_2 = replace(
    V2_1,
    name="urn:openfinanceuae:account-access-consent:v1.2",
    schema="openfinanceuae/account-access-consent.v1.2.json",
)
V1_0 = replace(
    V2_1,
    name="urn:openfinanceuae:account-access-consent:v1.0",
    schema="openfinanceuae/account-access-consent.v1.0.json",
)
