"""The schedules of a service-initiation consent: when how much may be paid, in words."""

from collections.abc import Iterator, Mapping
from datetime import date
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consents.types.description import Amount, Fact
from consents.types.detail_type import Detail
from consents.types.openfinanceuae import common

KINDS = {
    "SingleInstantPayment": gettext_noop("One payment, made at once"),
    "SingleFutureDatedPayment": gettext_noop("One payment, on a day to come"),
    "VariableOnDemand": gettext_noop("Payments of changing amounts, whenever they are asked for"),
    "FixedOnDemand": gettext_noop("Payments of the same amount, whenever they are asked for"),
    "VariablePeriodicSchedule": gettext_noop("One payment in every period, of changing amounts"),
    "FixedPeriodicSchedule": gettext_noop("One payment in every period, of the same amount"),
    "VariableDefinedSchedule": gettext_noop("Payments on fixed days, of changing amounts"),
    "FixedDefinedSchedule": gettext_noop("Payments on fixed days, of fixed amounts"),
    "FilePayment": gettext_noop("Many payments, listed in a file that your bank receives"),
    "DelegatedPayments": gettext_noop("Payments of any amount, whenever you confirm one with them"),
}
PERIODS = {
    "Day": gettext_noop("every day"),
    "Week": gettext_noop("every week"),
    "Month": gettext_noop("every month"),
    "Year": gettext_noop("every year"),
}


def schedules_of(detail: Detail) -> Mapping[str, Mapping[str, Any]]:
    """By name (SinglePayment, MultiPayment, FilePayment) the schedules that are asked for.

    One is usual; a single payment and several may come together; where whoever pays is asked by the
    client each time (delegated authentication), there may be none.
    """
    schedules: Mapping[str, Any] = common.body_of(detail)["ControlParameters"].get(
        "ConsentSchedule", {}
    )
    return schedules


def is_delegated(detail: Detail) -> bool:
    """The client confirms with the person each payment, instead of the bank."""
    delegated = common.body_of(detail)["ControlParameters"].get("IsDelegatedAuthentication", False)
    return bool(delegated)


def is_one_payment(detail: Detail) -> bool:
    return schedules_of(detail).keys() == {"SinglePayment"}


def amounts_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every amount with its currency, however deep in the schedule it lies."""
    if isinstance(value, list):
        for each in value:
            yield from amounts_in(each)
    elif isinstance(value, Mapping):
        if value.keys() == {"Amount", "Currency"}:
            yield value
        else:
            yield from amounts_in(list(value.values()))


def execution_dates(detail: Detail) -> list[date]:
    """Every day that a payment is planned for, in order; one day may have several."""
    days = []
    for name, schedule in schedules_of(detail).items():
        if name == "MultiPayment":
            planned = schedule["PeriodicSchedule"].get("Schedule", ())
            days += [each["PaymentExecutionDate"] for each in planned]
        elif "RequestedExecutionDate" in schedule:
            days.append(schedule["RequestedExecutionDate"])
    return sorted(map(date.fromisoformat, days))


def single_amount(detail: Detail) -> Amount | None:
    """The amount of the payment, where there is one schedule and each payment has the same."""
    schedules = schedules_of(detail)
    if len(schedules) != 1:
        return None
    [(name, schedule)] = schedules.items()
    periodic = schedule.get("PeriodicSchedule", schedule)
    return _amount(periodic["Amount"]) if name != "FilePayment" and "Amount" in periodic else None


def facts_of(detail: Detail) -> list[Fact]:
    """All that the schedules say beside the single amount."""
    schedules = schedules_of(detail)
    if not schedules:
        return [
            _kind("DelegatedPayments"),
            Fact(label=_("Limits"), value=_("None: neither how much nor how often")),
        ]
    facts = []
    for name, schedule in schedules.items():
        facts += _facts_of_one(name, schedule)
        if len(schedules) > 1:
            facts += _common_amount(schedule)
    return facts


def _facts_of_one(name: str, schedule: Mapping[str, Any]) -> list[Fact]:
    if name == "SinglePayment":
        return [_kind(schedule["Type"]), *_day(schedule)]
    if name == "FilePayment":
        return [_kind(name), *_file(schedule)]
    return [
        _kind(schedule["PeriodicSchedule"]["Type"]),
        *_period(schedule["PeriodicSchedule"]),
        *_limits(schedule["PeriodicSchedule"]),
        *_totals(schedule),
        *_dated(schedule["PeriodicSchedule"]),
    ]


def _common_amount(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    """The amount that each payment of the schedule has, where it has one."""
    periodic = schedule.get("PeriodicSchedule", schedule)
    if "Amount" in periodic:
        yield Fact(label=_("Amount"), value=_amount(periodic["Amount"]))


def _kind(name: str) -> Fact:
    return Fact(label=_("What is paid"), value=_(KINDS[name]))


def _period(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    if "PeriodType" in schedule:
        yield Fact(label=_("Period"), value=_(PERIODS[schedule["PeriodType"]]))
        yield Fact(
            label=_("First period begins"), value=date.fromisoformat(schedule["PeriodStartDate"])
        )


def _limits(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    limits = {**schedule, **schedule.get("Controls", {})}
    if "MaximumIndividualAmount" in limits:
        yield Fact(
            label=_("At most in one payment"), value=_amount(limits["MaximumIndividualAmount"])
        )
    if "MaximumCumulativeNumberOfPaymentsPerPeriod" in limits:
        count = limits["MaximumCumulativeNumberOfPaymentsPerPeriod"]
        yield Fact(label=_("Payments in one period"), value=str(count), literal=True)
    if "MaximumCumulativeValueOfPaymentsPerPeriod" in limits:
        total = limits["MaximumCumulativeValueOfPaymentsPerPeriod"]
        yield Fact(label=_("At most in one period"), value=_amount(total))


def _totals(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    if "MaximumCumulativeNumberOfPayments" in schedule:
        count = schedule["MaximumCumulativeNumberOfPayments"]
        yield Fact(label=_("Payments in all"), value=str(count), literal=True)
    if "MaximumCumulativeValueOfPayments" in schedule:
        total = schedule["MaximumCumulativeValueOfPayments"]
        yield Fact(label=_("At most in all"), value=_amount(total))


def _dated(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    for each in sorted(schedule.get("Schedule", ()), key=itemgetter("PaymentExecutionDate")):
        fixed = "Amount" in each
        amount = _amount(each["Amount" if fixed else "MaximumIndividualAmount"])
        label = _("Payment of this amount on") if fixed else _("Payment of at most this amount on")
        yield Fact(label=label, value=date.fromisoformat(each["PaymentExecutionDate"]))
        yield Fact(label=_("Amount"), value=amount)


def _day(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    if "RequestedExecutionDate" in schedule:
        execution_date = date.fromisoformat(schedule["RequestedExecutionDate"])
        yield Fact(label=_("To be paid on"), value=execution_date)


def _file(schedule: Mapping[str, Any]) -> Iterator[Fact]:
    yield Fact(
        label=_("Payments in the file"), value=str(schedule["NumberOfTransactions"]), literal=True
    )
    yield Fact(label=_("Sum of all of them"), value=schedule["ControlSum"], literal=True)
    yield from _day(schedule)
    if "FileReference" in schedule:
        yield Fact(label=_("Name of the file"), value=schedule["FileReference"], quoted=True)
    yield Fact(label=_("Kind of file"), value=schedule["FileType"], literal=True, technical=True)
    yield Fact(
        label=_("Fingerprint of the file"), value=schedule["FileHash"], literal=True, technical=True
    )


def _amount(written: Mapping[str, Any]) -> Amount:
    return Amount(value=written["Amount"], currency=written["Currency"])
