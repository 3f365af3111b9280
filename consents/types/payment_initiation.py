"""``payment_initiation``: one payment from an account that the person chooses (as in RFC 9396)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Amount, Description, Fact, Payment
from consents.types.detail_type import Accounts, Detail, DetailType
from consents.types.moments import a_year_after, earliest_today
from consents.types.words import groups_of

ALL_ACTIONS = ("initiate", "status", "cancel")
SENTENCES = {
    gettext_noop("About the payment"): {
        "initiate": gettext_noop("Start this one payment"),
        "status": gettext_noop("See whether the payment was made"),
        "cancel": gettext_noop("Cancel the payment while that is still possible"),
    }
}
LIFETIME = timedelta(days=1)  # our choice: a payment without a date is made at once


@requirement("RAR-5")
def amount_is_more_than_nothing(detail: Detail, now: datetime) -> None:
    if not detail["instructedAmount"]["amount"].strip("0."):
        raise InvalidAuthorizationDetails("the amount must be more than nothing")


@requirement("RAR-5")
def creditor_account_is_an_iban(detail: Detail, now: datetime) -> None:
    rules.iban_has_its_check_digits(detail["creditorAccount"]["iban"])


@requirement("RAR-5")
def execution_date_is_within_a_year(detail: Detail, now: datetime) -> None:
    day = execution_date(detail)
    if day is not None and not earliest_today(now) <= day <= a_year_after(now).date():
        raise InvalidAuthorizationDetails("the payment is not between today and a year from now")


def execution_date(detail: Detail) -> date | None:
    written = detail.get("requestedExecutionDate")
    return None if written is None else date.fromisoformat(written)


def end(detail: Detail, now: datetime) -> datetime | None:
    """The end of the day after the payment's date, else a day from now."""
    day = execution_date(detail)
    if day is None:
        return now + LIFETIME
    return now + LIFETIME * (max((day - now.date()).days, 0) + 1)


def describe(detail: Detail) -> Description:
    return Description(
        title=_("Payment"),
        question=_("Make this payment?"),
        approve=_("Confirm the payment"),
        refuse=_("Do not pay"),
        groups=groups_of(detail.get("actions", ALL_ACTIONS), SENTENCES),
        payment=Payment(
            payee=detail["creditorName"],
            payee_account=detail["creditorAccount"]["iban"],
            amount=Amount(
                value=detail["instructedAmount"]["amount"],
                currency=detail["instructedAmount"]["currency"],
            ),
            reference=detail.get("remittanceInformationUnstructured", ""),
            execution_date=execution_date(detail),
        ),
        facts=tuple(_facts(detail)),
    )


def _facts(detail: Detail) -> Iterator[Fact]:
    if "bic" in detail["creditorAccount"]:
        bic = detail["creditorAccount"]["bic"]
        yield Fact(label=_("Bank of the payee"), value=bic, literal=True)
    for location in detail.get("locations", ()):
        yield Fact(label=_("Where it is used"), value=location, literal=True, technical=True)


TYPE = DetailType(
    name="payment_initiation",
    clause="RAR-5",
    schema="payment_initiation.json",
    describe=describe,
    rules=(
        amount_is_more_than_nothing,
        creditor_account_is_an_iban,
        execution_date_is_within_a_year,
    ),
    accounts=Accounts.ONE,
    end=end,
)
