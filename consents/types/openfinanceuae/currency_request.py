"""A payment to another country or in another currency, in words."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consents.types.description import Fact
from consents.types.detail_type import Detail
from consents.types.openfinanceuae import common

BEARERS = {
    "BorneByCreditor": gettext_noop("The payee pays them"),
    "BorneByDebtor": gettext_noop("You pay them"),
    "Shared": gettext_noop("You and the payee share them"),
}
PRIORITIES = {"Normal": gettext_noop("Normal"), "Urgent": gettext_noop("Urgent")}
RATES = {
    "Actual": gettext_noop("The rate at the time of payment"),
    "Agreed": gettext_noop("A rate that was agreed"),
    "Indicative": gettext_noop("An estimate, the real one may differ"),
}


def facts_of(detail: Detail) -> Iterator[Fact]:
    conversion = common.body_of(detail).get("CurrencyRequest")
    if conversion is None:
        return
    yield Fact(
        label=_("Currency that arrives"), value=conversion["CurrencyOfTransfer"], literal=True
    )
    yield Fact(
        label=_("What it is for, in their words"), value=conversion["ExtendedPurpose"], quoted=True
    )
    if "DestinationCountryCode" in conversion:
        yield Fact(label=_("Country"), value=conversion["DestinationCountryCode"], literal=True)
    if "ChargeBearer" in conversion:
        yield Fact(label=_("Fees"), value=_(BEARERS[conversion["ChargeBearer"]]))
    if "InstructionPriority" in conversion:
        yield Fact(label=_("Priority"), value=_(PRIORITIES[conversion["InstructionPriority"]]))
    if "FxQuoteId" in conversion:
        yield Fact(label=_("Number of the quote"), value=conversion["FxQuoteId"], literal=True)
    rate = conversion.get("ExchangeRateInformation", {})
    if rate:
        yield Fact(label=_("Exchange rate"), value=_(RATES[rate["RateType"]]))
        yield Fact(label=_("Rate is for one"), value=rate["UnitCurrency"], literal=True)
    if "ExchangeRate" in rate:
        yield Fact(label=_("Rate"), value=_written_out(rate["ExchangeRate"]), literal=True)
    if "ContractIdentification" in rate:
        yield Fact(
            label=_("Number of the agreement"), value=rate["ContractIdentification"], literal=True
        )


def _written_out(number: float) -> str:
    """As it was sent, without an exponent: people do not read 4e-05."""
    return f"{Decimal(str(number)):f}"
