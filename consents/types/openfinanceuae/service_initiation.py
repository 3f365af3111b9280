"""``urn:openfinanceuae:service-initiation-consent``: pay once, or again and again within limits.

Payer and payees travel encrypted to the bank; here they stay sealed. One person authorizes it:
one that several have to authorize (``IsSingleAuthorization`` false) is refused.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Description, Fact, Payment
from consents.types.detail_type import Accounts, Detail, DetailType
from consents.types.moments import day_of, earliest_today, instant_of
from consents.types.openfinanceuae import common, currency_request
from consents.types.openfinanceuae.account_permissions import ACCOUNTS
from consents.types.openfinanceuae.schedules import (
    amounts_in,
    execution_dates,
    facts_of,
    is_delegated,
    is_one_payment,
    schedules_of,
    single_amount,
)
from consents.types.words import groups_of

DOMESTIC_CURRENCY = "AED"
SENTENCES = {
    gettext_noop("About the account you pay from"): {
        "ReadAccountsBasic": gettext_noop("See the name, type and currency of the account"),
        "ReadAccountsDetail": gettext_noop("See the number (IBAN) and the holder of the account"),
        "ReadBalances": gettext_noop("See the balance of the account"),
        "ReadRefundAccount": gettext_noop("See the number that a refund goes to"),
    }
}


def deadline(detail: Detail) -> datetime | None:
    written = common.body_of(detail).get("AuthorizationExpirationDateTime")
    return instant_of(written) if written is not None else None


@requirement("CBUAE-2.4a")
def balances_come_with_their_accounts(detail: Detail, now: datetime) -> None:
    rules.names_come_with_one_of(
        common.body_of(detail).get("Permissions", ()),
        dependent={"ReadBalances"},
        needed=ACCOUNTS,
        sentence="ReadBalances needs ReadAccountsBasic or ReadAccountsDetail",
    )


@requirement("CBUAE-2.4a")
def approval_is_due_before_the_end(detail: Detail, now: datetime) -> None:
    due = deadline(detail)
    if due is not None and due <= now:
        raise InvalidAuthorizationDetails("AuthorizationExpirationDateTime is in the past")
    rules.first_is_not_after(
        due,
        common.end(detail, now),
        sentence="AuthorizationExpirationDateTime is after ExpirationDateTime",
    )


@requirement("CBUAE-2.4a")
def schedules_fit_together(detail: Detail, now: datetime) -> None:
    """One payment and several may be combined; a file stands alone.

    Without a schedule nothing limits what is paid, so somebody must be asked each time.
    """
    named = set(schedules_of(detail))
    if not named and not is_delegated(detail):
        raise InvalidAuthorizationDetails("payments need a schedule, or delegated authentication")
    if "FilePayment" in named and len(named) > 1:
        raise InvalidAuthorizationDetails("a file of payments has no other schedule beside it")


@requirement("CBUAE-2.4a")
def amounts_are_more_than_nothing(detail: Detail, now: datetime) -> None:
    schedules = schedules_of(detail)
    written = [amount["Amount"] for amount in amounts_in(schedules)]
    if "FilePayment" in schedules:
        written.append(schedules["FilePayment"]["ControlSum"])
    if not all(amount.strip("0.") for amount in written):
        raise InvalidAuthorizationDetails("an amount must be more than nothing")


@requirement("CBUAE-2.4a")
def amounts_are_in_one_currency(detail: Detail, now: datetime) -> None:
    """Dirhams, or one that CurrencyRequest explains: it is for other currencies alone."""
    currencies = {amount["Currency"] for amount in amounts_in(schedules_of(detail))}
    abroad = common.body_of(detail).get("CurrencyRequest")
    if len(currencies) > 1:
        raise InvalidAuthorizationDetails("the amounts are in more than one currency")
    if abroad is None and not currencies <= {DOMESTIC_CURRENCY}:
        raise InvalidAuthorizationDetails("a domestic payment must be in AED")
    if abroad is not None and abroad["CurrencyOfTransfer"] == DOMESTIC_CURRENCY:
        raise InvalidAuthorizationDetails("CurrencyRequest is for other currencies than AED")


@requirement("CBUAE-2.4a")
def payments_fall_within_the_consent(detail: Detail, now: datetime) -> None:
    """From today to the day of the consent's end, both included."""
    end = common.end(detail, now)
    assert end is not None
    days = execution_dates(detail)
    if days and not (earliest_today(now) <= days[0] and days[-1] <= day_of(end, now)):
        raise InvalidAuthorizationDetails("a payment is not between today and the consent's end")


def describe(detail: Detail) -> Description:
    body = common.body_of(detail)
    return Description(
        title=_("Payment") if is_one_payment(detail) else _("Payments"),
        question=_("Make this payment?") if is_one_payment(detail) else _("Allow these payments?"),
        approve=_("Confirm the payment") if is_one_payment(detail) else _("Allow the payments"),
        refuse=_("Do not pay"),
        groups=groups_of(body.get("Permissions", ()), SENTENCES),
        payment=Payment(
            sealed_payee=_("Only your bank can read who is paid: it was encrypted for it."),
            amount=single_amount(detail),
            reference=body.get("DebtorReference", ""),
        ),
        facts=(
            *facts_of(detail),
            *currency_request.facts_of(detail),
            *_references(detail),
            *common.links(detail),
        ),
    )


def _references(detail: Detail) -> Iterator[Fact]:
    body = common.body_of(detail)
    if "CreditorReference" in body:
        yield Fact(
            label=_("Reference that the payee sees"), value=body["CreditorReference"], quoted=True
        )
    yield Fact(
        label=_("Purpose code"), value=body["PaymentPurposeCode"], literal=True, technical=True
    )
    if "SponsoredTPPInformation" in body:
        sponsored = body["SponsoredTPPInformation"]
        yield Fact(label=_("They act for"), value=sponsored["Name"], quoted=True)
        yield Fact(
            label=_("Number of that company"), value=sponsored["Identification"], quoted=True
        )
    if (due := deadline(detail)) is not None:
        yield Fact(label=_("To be confirmed until"), value=due)
    if is_delegated(detail):
        yield Fact(
            label=_("Later payments"), value=_("They may confirm who you are without your bank")
        )


V2_1 = DetailType(
    name="urn:openfinanceuae:service-initiation-consent:v2.1",
    clause="CBUAE-2.4a",
    schema="openfinanceuae/service-initiation-consent.v2.1.json",
    describe=describe,
    rules=(
        common.ends_within_a_year,
        common.base_is_another_consent,
        common.one_person_authorizes,
        balances_come_with_their_accounts,
        approval_is_due_before_the_end,
        schedules_fit_together,
        amounts_are_more_than_nothing,
        amounts_are_in_one_currency,
        payments_fall_within_the_consent,
    ),
    accounts=Accounts.ONE,
    end=common.end,
    deadline=deadline,
    external_id=common.external_id,
    base_id=common.base_id,
    granted=common.granted,
)
V2_2 = replace(
    V2_1,
    name="urn:openfinanceuae:service-initiation-consent:v2.2",
    schema="openfinanceuae/service-initiation-consent.v2.2.json",
)
V1_2 = replace(
    V2_1,
    name="urn:openfinanceuae:service-initiation-consent:v1.2",
    schema="openfinanceuae/service-initiation-consent.v1.2.json",
)
