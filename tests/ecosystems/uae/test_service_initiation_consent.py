"""Open Finance UAE: urn:openfinanceuae:service-initiation-consent, version 2.1."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from consents.types.description import Amount
from tests.support import details
from tests.support.details import ABSENT, NOW, changed, rfc3339

case = pytest.mark.case
requirement = pytest.mark.requirement

TYPE = types.offered()["urn:openfinanceuae:service-initiation-consent:v2.1"]
SCHEDULE = "consent.ControlParameters.ConsentSchedule"
SINGLE = f"{SCHEDULE}.SinglePayment"
TEN = {"Amount": "10.00", "Currency": "AED"}
PERIOD = {"PeriodType": "Month", "PeriodStartDate": "2026-04-01"}
PERIODIC: dict[str, dict[str, Any]] = {
    "VariableOnDemand": {**PERIOD, "Controls": {"MaximumIndividualAmount": TEN}},
    "FixedOnDemand": {
        **PERIOD,
        "Amount": TEN,
        "Controls": {"MaximumCumulativeNumberOfPaymentsPerPeriod": 4},
    },
    "VariablePeriodicSchedule": {**PERIOD, "MaximumIndividualAmount": TEN},
    "FixedPeriodicSchedule": {**PERIOD, "Amount": TEN},
    "VariableDefinedSchedule": {
        "Schedule": [{"PaymentExecutionDate": "2026-04-01", "MaximumIndividualAmount": TEN}]
    },
    "FixedDefinedSchedule": {
        "Schedule": [
            {"PaymentExecutionDate": "2026-04-01", "Amount": TEN},
            {"PaymentExecutionDate": "2026-05-01", "Amount": TEN},
        ]
    },
}
FILE = {
    "FileType": "payroll-v1",
    "FileHash": "A" * 43 + "=",
    "FileReference": "March salaries",
    "NumberOfTransactions": 25,
    "ControlSum": "48200.00",
    "RequestedExecutionDate": "2026-03-10",
}
ABROAD = {
    "ExtendedPurpose": "School fees",
    "CurrencyOfTransfer": "EUR",
    "InstructionPriority": "Normal",
    "ChargeBearer": "Shared",
    "DestinationCountryCode": "DE",
    "ExchangeRateInformation": {
        "UnitCurrency": "EUR",
        "ExchangeRate": 4.0215,
        "RateType": "Agreed",
        "ContractIdentification": "FX-22",
    },
    "FxQuoteId": "Q-9",
}


def require_valid(detail):
    TYPE.require_valid(detail, now=NOW, zone=UTC)


def assert_refused(detail, *, clause="CBUAE-2.4a"):
    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        require_valid(detail)
    assert refusal.value.clause == clause


def in_a_file(**changes):
    return changed(details.single_payment(), SCHEDULE, {"FilePayment": FILE | changes})


@requirement("CBUAE-2.4a")
def test_the_valid_payment_is_accepted():
    require_valid(details.single_payment())
    require_valid(in_a_file())
    require_valid(details.single_payment(CurrencyRequest=ABROAD))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize("kind", PERIODIC)
def test_every_schedule_of_several_payments_is_accepted_and_told(kind):
    detail = details.payments({"Type": kind, **PERIODIC[kind]}, MaximumCumulativeNumberOfPayments=9)
    require_valid(detail)

    facts = {str(fact.value) for fact in TYPE.describe(detail).facts}
    payment = TYPE.describe(detail).payment

    assert payment is not None
    assert "9" in facts
    assert "10.00 AED" in facts | {str(payment.amount)}


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize("kind", PERIODIC)
def test_every_schedule_is_closed(kind):
    for member in PERIODIC[kind]:
        wrong = {name: value for name, value in PERIODIC[kind].items() if name != member}
        assert_refused(details.payments({"Type": kind, **wrong}))
    assert_refused(details.payments({"Type": kind, **PERIODIC[kind], "Surprise": "x"}))
    assert_refused(details.payments({"Type": "Surprise", **PERIODIC[kind]}))


@case("PR-18")
@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    "amount",
    [
        "10",
        "10.0",
        "10.000",
        "1e2",
        "-1.00",
        " 10.00",
        "10.00 ",
        "10.00\n",
        "1,00",
        "\u0661\u0660.\u0660\u0660",
        "0.00",
        "0000.00",
        "12345678901234567.00",
        10,
        10.25,
        None,
    ],
)
def test_an_amount_has_two_decimals_and_is_text(amount):
    assert_refused(changed(details.single_payment(), f"{SINGLE}.Amount.Amount", amount))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("consent.ConsentId", ABSENT),
        ("consent.ExpirationDateTime", ABSENT),
        ("consent.PersonalIdentifiableInformation", ABSENT),
        ("consent.PersonalIdentifiableInformation", {"Initiation": {}}),
        ("consent.PersonalIdentifiableInformation", "a.b.c"),
        ("consent.PersonalIdentifiableInformation", "a.b.c.d.e.f"),
        ("consent.PersonalIdentifiableInformation", "a.b.c.d."),
        ("consent.PersonalIdentifiableInformation", "a.b.c.d.e="),
        ("consent.ControlParameters", ABSENT),
        ("consent.ControlParameters.IsDelegatedAuthentication", "false"),
        ("consent.ControlParameters", {}),
        (SCHEDULE, ABSENT),
        (SCHEDULE, {}),
        (f"{SINGLE}.Type", "SingleFutureDatedPayment"),
        (f"{SINGLE}.Amount.Currency", ABSENT),
        (f"{SINGLE}.Amount.Currency", "aed"),
        ("consent.PaymentPurposeCode", ABSENT),
        ("consent.PaymentPurposeCode", "acm"),
        ("consent.PaymentPurposeCode", "ACMX"),
        ("consent.DebtorReference", "x" * 36),
        ("consent.CreditorReference", ""),
        ("consent.Permissions", ["ReadTransactionsBasic"]),
        ("consent.IsSingleAuthorization", "true"),
    ],
)
def test_a_payment_is_held_to_its_form(path, value):
    assert_refused(changed(details.single_payment(), path, value))


@requirement("CBUAE-2.4a")
def test_a_file_stands_alone():
    both = {
        "SinglePayment": {"Type": "SingleInstantPayment", "Amount": TEN},
        "FilePayment": FILE,
    }

    assert_refused(changed(details.single_payment(), SCHEDULE, both))


@requirement("CBUAE-2.4a")
def test_balances_need_the_accounts():
    assert_refused(details.single_payment(Permissions=["ReadBalances"]))
    require_valid(details.single_payment(Permissions=["ReadRefundAccount"]))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    "due",
    [NOW, NOW - timedelta(hours=1), NOW + timedelta(days=1, seconds=1)],
    ids=["now", "past", "after the end"],
)
def test_approval_is_due_before_the_end(due):
    require_valid(
        details.single_payment(AuthorizationExpirationDateTime=rfc3339(NOW + timedelta(days=1)))
    )

    assert_refused(details.single_payment(AuthorizationExpirationDateTime=rfc3339(due)))


@requirement("CBUAE-2.4a")
def test_a_domestic_payment_is_in_dirhams():
    in_euros = changed(details.single_payment(), f"{SINGLE}.Amount.Currency", "EUR")
    assert_refused(in_euros)

    require_valid(changed(in_euros, "consent.CurrencyRequest", ABROAD))
    at_home = {**ABROAD, "CurrencyOfTransfer": "AED"}
    assert_refused(details.single_payment(CurrencyRequest=at_home))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize("member", ["ExtendedPurpose", "CurrencyOfTransfer"])
def test_a_transfer_abroad_says_what_for_and_in_which_currency(member):
    less = {name: value for name, value in ABROAD.items() if name != member}

    assert_refused(details.single_payment(CurrencyRequest=less))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    "dates",
    [
        ["2026-03-08"],
        ["2027-03-10"],
        ["2027-03-10", "2026-04-01"],
        ["2026-04-01", "2026-03-08"],
        [],
        [f"2026-{4 + day // 28:02}-{day % 28 + 1:02}" for day in range(54)],
    ],
    ids=[
        "past",
        "after the end",
        "after the end, out of order",
        "past, out of order",
        "none",
        "54",
    ],
)
def test_planned_payments_fall_within_the_consent(dates):
    planned = [{"PaymentExecutionDate": day, "Amount": TEN} for day in dates]

    assert_refused(details.payments({"Type": "FixedDefinedSchedule", "Schedule": planned}))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    "change",
    [
        {"FileHash": "A" * 44},
        {"FileHash": "short"},
        {"FileType": "x" * 41},
        {"NumberOfTransactions": 0},
        {"NumberOfTransactions": 2.0},
        {"NumberOfTransactions": True},
        {"ControlSum": "48200"},
        {"ControlSum": "0.00"},
        {"RequestedExecutionDate": "2026-04-01"},
    ],
)
def test_a_file_is_held_to_its_form(change):
    assert_refused(in_a_file(**change))


@requirement("CBUAE-2.4a")
def test_the_sealed_part_is_passed_on_and_never_shown():
    detail = details.single_payment()

    described = TYPE.describe(detail)

    assert described.payment is not None
    assert described.payment.amount == Amount(value="1250.00", currency="AED")
    assert described.payment.sealed_payee
    assert described.payment.payee == ""
    assert details.SEALED not in repr(described)


@requirement("CBUAE-2.4a")
def test_nothing_of_a_transfer_abroad_is_hidden():
    detail = details.single_payment(
        CurrencyRequest=ABROAD, SponsoredTPPInformation={"Name": "Pay4", "Identification": "P4"}
    )

    shown = {str(fact.value) for fact in TYPE.describe(detail).facts}

    assert {"EUR", "School fees", "DE", "4.0215", "FX-22", "Q-9", "Flat 12", "Pay4", "P4"} <= shown
