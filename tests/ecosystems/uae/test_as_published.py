"""Requests as the standard's schemas and guides write them: pushed, shown, granted.

Each is said by what makes it unusual, with the words that a person must read because of it.
"""

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support import details, world
from tests.support.assertions import nothing_stored, refused
from tests.support.bank import Bank
from tests.support.details import ABSENT, SEALED, changed, of_version, rfc3339
from tests.support.person import Person, answer_in, decision_on

requirement = pytest.mark.requirement
pytestmark = pytest.mark.usefixtures("still")

TYPES = [
    f"urn:openfinanceuae:{kind}-consent:{version}"
    for kind in ("account-access", "service-initiation", "insurance")
    for version in ("v1.2", "v2.1", "v2.2")
]
CONTROL = "consent.ControlParameters"
SCHEDULE = f"{CONTROL}.ConsentSchedule"
TEN = {"Amount": "10.00", "Currency": "AED"}
ONE = {"Type": "SingleInstantPayment", "Amount": {"Amount": "75.50", "Currency": "AED"}}
TPP = "TPP=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
UNLIMITED = "Payments of any amount, whenever you confirm one with them"


def now() -> datetime:
    return timezone.now()


def day(ahead: int) -> str:
    return (now() + timedelta(days=ahead)).date().isoformat()


def payment(path: str | None = None, value: Any = None, **members: Any) -> dict[str, Any]:
    """A payment consent of half a year, with one member changed."""
    ends = rfc3339(now() + timedelta(days=180))
    detail = details.single_payment(now=now(), ExpirationDateTime=ends, **members)
    return detail if path is None else changed(detail, path, value)


def several(periodic: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return payment(SCHEDULE, {"MultiPayment": {**limits, "PeriodicSchedule": periodic}})


def planned(*days: int) -> dict[str, Any]:
    dated = [
        {"PaymentExecutionDate": day(ahead), "Amount": {"Amount": f"{at}.00", "Currency": "AED"}}
        for at, ahead in enumerate(days, start=1)
    ]
    return several({"Type": "FixedDefinedSchedule", "Schedule": dated})


def combined() -> dict[str, Any]:
    month = {"PeriodType": "Month", "PeriodStartDate": day(7), "Amount": TEN}
    return payment(
        SCHEDULE,
        {
            "SinglePayment": ONE,
            "MultiPayment": {"PeriodicSchedule": {"Type": "FixedPeriodicSchedule", **month}},
        },
    )


def in_two_currencies() -> dict[str, Any]:
    return changed(combined(), f"{SCHEDULE}.SinglePayment.Amount.Currency", "EUR")


def abroad(rate: Any) -> dict[str, Any]:
    about = {"UnitCurrency": "EUR", "ExchangeRate": rate, "RateType": "Agreed"}
    return payment(
        CurrencyRequest={
            "ExtendedPurpose": "School fees",
            "CurrencyOfTransfer": "EUR",
            "ExchangeRateInformation": about,
        }
    )


def delegated(schedule: Any) -> dict[str, Any]:
    return payment(CONTROL, {"IsDelegatedAuthentication": True, "ConsentSchedule": schedule})


def on_demand() -> dict[str, Any]:
    controls = {
        "MaximumIndividualAmount": TEN,
        "MaximumCumulativeNumberOfPaymentsPerPeriod": 2,
    }
    return several(
        {
            "Type": "VariableOnDemand",
            "PeriodType": "Week",
            "PeriodStartDate": day(14),
            "Controls": controls,
        },
        MaximumCumulativeNumberOfPayments=3,
    )


def webhook(detail: dict[str, Any], url: str, *, active: bool) -> dict[str, Any]:
    return {**detail, "subscription": {"Webhook": {"Url": url, "IsActive": active}}}


def accounts(**changes: Any) -> dict[str, Any]:
    return details.account_access(now=now(), **changes)


def accounts_v1_2() -> dict[str, Any]:
    return details.account_access_v1_2(now=now())


def payment_v1_2() -> dict[str, Any]:
    return details.single_payment_v1_2(now=now())


def insurance_v1_2() -> dict[str, Any]:
    return details.insurance_v1_2(now=now())


def a_year_by_a_fast_clock() -> str:
    return rfc3339(now() + timedelta(days=365, seconds=30))


ACCEPTED: dict[str, tuple[Any, tuple[str, ...]]] = {
    "as it is": (payment, ("1250.00", "One payment, made at once")),
    "no IsDelegatedAuthentication": (
        lambda: payment(f"{CONTROL}.IsDelegatedAuthentication", ABSENT),
        ("1250.00",),
    ),
    "an empty schedule": (
        lambda: delegated({}),
        (UNLIMITED, "None: neither how much nor how often", "They may confirm who you are"),
    ),
    "no schedule": (
        lambda: payment(CONTROL, {"IsDelegatedAuthentication": True}),
        (UNLIMITED, "None: neither how much nor how often"),
    ),
    "one payment and several combined": (
        combined,
        (
            "One payment, made at once",
            "75.50",
            "One payment in every period, of the same amount",
            "10.00",
            "Allow these payments?",
        ),
    ),
    "a rate as a number": (lambda: abroad(4.0215), ("4.0215", "School fees", "EUR")),
    "a rate as an integer": (lambda: abroad(4), ("School fees",)),
    "a small rate": (lambda: abroad(0.00004), ("0.00004",)),
    "empty permissions of a payment": (lambda: payment(Permissions=[]), ("1250.00",)),
    "no permissions of a payment": (lambda: payment("consent.Permissions", ABSENT), ("1250.00",)),
    "days out of order": (lambda: planned(30, 10, 20), ("1.00", "2.00", "3.00")),
    "two payments on one day": (lambda: planned(10, 10), ("1.00", "2.00")),
    "limits on demand": (on_demand, ("10.00", "Payments in one period", "Payments in all")),
    "an inactive webhook with an http address": (
        lambda: webhook(payment(), "http://tpp.example.com/events", active=False),
        ("1250.00",),
    ),
    "an inactive webhook with no address": (
        lambda: webhook(accounts(), "to be named", active=False),
        ("See the balance of each account",),
    ),
    "365 days by a clock ahead, accounts": (
        lambda: accounts(ExpirationDateTime=a_year_by_a_fast_clock()),
        ("one year",),
    ),
    "365 days by a clock ahead, payments": (
        lambda: payment("consent.ExpirationDateTime", a_year_by_a_fast_clock()),
        ("one year",),
    ),
    "365 days by a clock ahead, insurance": (
        lambda: details.insurance(now=now(), ExpirationDateTime=a_year_by_a_fast_clock()),
        ("one year",),
    ),
    "accounts, v1.2": (accounts_v1_2, ("See which access to your accounts you have given",)),
    "payment, v1.2": (payment_v1_2, ("One payment, on a day to come", "10.00", TPP)),
    "insurance, v1.2": (insurance_v1_2, ("See what the policies cost you and the claims",)),
    "accounts, v2.2": (lambda: of_version(accounts(), "v2.2"), ("See the balance",)),
    "payment, v2.2": (lambda: of_version(payment(), "v2.2"), ("1250.00",)),
    "insurance, v2.2": (
        lambda: of_version(details.insurance(now=now()), "v2.2"),
        ("See your policies",),
    ),
}
REFUSED: dict[str, Any] = {
    "an unknown member": lambda: payment("consent.Surprise", "x"),
    "an unknown member of the schedule": lambda: payment(f"{SCHEDULE}.Surprise", {}),
    "two currencies": lambda: in_two_currencies(),
    "two currencies, abroad": lambda: changed(
        in_two_currencies(), "consent.CurrencyRequest", abroad(4)["consent"]["CurrencyRequest"]
    ),
    "another currency without a reason": lambda: payment(
        f"{SCHEDULE}.SinglePayment.Amount.Currency", "EUR"
    ),
    "a rate as text": lambda: abroad("4.0215"),
    "a rate of nothing": lambda: abroad(0),
    "a rate below nothing": lambda: abroad(-4.5),
    "a rate that is true": lambda: abroad(True),
    "an empty schedule, and nobody asks": lambda: payment(SCHEDULE, {}),
    "nothing controls it": lambda: payment(CONTROL, {}),
    "a file with another schedule": lambda: payment(
        f"{SCHEDULE}.FilePayment",
        {
            "FileType": "payroll",
            "FileHash": "A" * 43 + "=",
            "NumberOfTransactions": 2,
            "ControlSum": "20.00",
        },
    ),
    "a count with a fraction": lambda: several(
        {
            "Type": "FixedDefinedSchedule",
            "Schedule": [{"PaymentExecutionDate": day(3), "Amount": TEN}],
        },
        MaximumCumulativeNumberOfPayments=2.0,
    ),
    "delegated as text": lambda: payment(f"{CONTROL}.IsDelegatedAuthentication", "true"),
    "empty permissions of accounts": lambda: accounts(Permissions=[]),
    "an active webhook with an http address": lambda: webhook(
        payment(), "http://tpp.example.com/events", active=True
    ),
    "a year and a minute": lambda: accounts(
        ExpirationDateTime=rfc3339(now() + timedelta(days=366, minutes=1))
    ),
    "a day in the past": lambda: planned(10, -2),
    "a day after the end": lambda: planned(200, 10),
    "v1.2 with a member of v2.1": lambda: of_version(accounts(), "v1.2"),
    "v2.2 with a member of v1.2": lambda: of_version(accounts_v1_2(), "v2.2"),
    "a version that is not published": lambda: of_version(accounts(), "v3.0"),
}


@pytest.fixture
def published_tpp(db, make_tpp):
    uae = world.ecosystem("uae", profile="cbuae", authorization_details_types=TYPES)
    world.bank(uae)
    return make_tpp(
        "uae-tpp",
        uae,
        require_signed_request_object=True,
        authorization_details_types=["urn:openfinanceuae:*"],
    )


@pytest.fixture
def resident(published_tpp, client, monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    made = Person(world.person("fatima", published_tpp.ecosystem), client)
    made.sign_in()
    return made


def text_of(page: Any) -> str:
    """What a person reads: no tags, and not the request as it was sent."""
    shown = re.sub(r"<pre\b.*?</pre>", "", page.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split())


@requirement("CBUAE-2.4a", "CBUAE-2.4b", "CBUAE-2.4c")
@pytest.mark.parametrize("case", ACCEPTED)
def test_a_request_as_published_is_accepted_shown_and_granted(published_tpp, resident, case):
    make, words = ACCEPTED[case]
    detail = make()
    pushed = published_tpp.push_signed(authorization_details=[detail])
    assert pushed.status_code == 201, pushed.content

    page = resident.opens(published_tpp, pushed.json()["request_uri"])
    if page.request["PATH_INFO"].endswith("/accounts"):
        one = resident.browser.post(page.request["PATH_INFO"], {"accounts": ["acc-1"]})
        page = resident.follow(one)
    shown = text_of(page)
    assert not [each for each in words if each not in shown], shown
    assert SEALED not in shown

    answer = resident.follow(resident.browser.post(page.request["PATH_INFO"], decision_on(page)))
    tokens = published_tpp.redeem(answer_in(answer)["code"]).json()
    [granted] = tokens["authorization_details"]
    assert granted["consent"].pop("Status") == "Authorized"
    del granted["consent"]["CreationDateTime"], granted["consent"]["StatusUpdateDateTime"]
    granted.pop("accounts", None)
    assert granted == detail


@requirement("CBUAE-2.4a", "CBUAE-2.4b", "CBUAE-2.4c")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_published_stays_refused(published_tpp, case):
    with nothing_stored():
        refused(
            published_tpp.push_signed(authorization_details=[REFUSED[case]()]),
            "invalid_authorization_details",
        )
