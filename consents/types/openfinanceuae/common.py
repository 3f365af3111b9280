"""What the UAE types share: the envelope, the identifiers, the end within a year, the granted form.

Members are read from ``consent``, which version 1.0 also writes ``Consent``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Fact
from consents.types.detail_type import Detail, with_accounts
from consents.types.moments import a_year_after, instant_of

if TYPE_CHECKING:
    from consents.models import Consent

# Our choice: a year from a clock half a minute ahead is a year; nothing is proven by this time.
TOLERANCE = timedelta(seconds=45)
PURPOSES = {
    "AccountAggregation": gettext_noop("To show what you have with different companies together"),
    "RiskAssessment": gettext_noop("To judge a risk, for example before a loan"),
    "TaxFiling": gettext_noop("To prepare your taxes"),
    "Onboarding": gettext_noop("To take you on as a customer"),
    "Verification": gettext_noop("To check that something you said is so"),
    "QuoteComparison": gettext_noop("To compare offers for you"),
    "BudgetingAnalysis": gettext_noop("To help you plan what you spend"),
    "FinancialAdvice": gettext_noop("To advise you on your money"),
    "AuditReconciliation": gettext_noop("To audit or reconcile your books"),
    "PremiumHistory": gettext_noop("To see what you have paid for insurance so far"),
    "ClaimHistory": gettext_noop("To see which claims you have made so far"),
    "Other": gettext_noop("Another purpose, which the request does not name"),
}
CUSTOMERS = {
    "Retail": gettext_noop("Private customer"),
    "SME": gettext_noop("Small or medium business"),
    "Corporate": gettext_noop("Large business"),
}
NAMES = (
    ("TradingName", gettext_noop("They act for")),
    ("LegalName", gettext_noop("Full name of that company")),
    ("Identifier", gettext_noop("Number of that company")),
)


def body_of(detail: Detail) -> Mapping[str, Any]:
    body: Mapping[str, Any] = detail["consent" if "consent" in detail else "Consent"]
    return body


def end(detail: Detail, now: datetime) -> datetime | None:
    """The consent's own end; version 1.0 may have none, and then lasts the year it may last."""
    written = body_of(detail).get("ExpirationDateTime")
    return instant_of(written) if written is not None else a_year_after(now)


def external_id(detail: Detail) -> str:
    return str(body_of(detail)["ConsentId"])


def base_id(detail: Detail) -> str:
    return str(body_of(detail).get("BaseConsentId", ""))


@requirement("CBUAE-2.4c")
def ends_within_a_year(detail: Detail, now: datetime) -> None:
    rules.end_is_ahead(end(detail, now), now=now)
    rules.end_is_within_a_year(end(detail, now), now=now, tolerance=TOLERANCE)


@requirement("CBUAE-2.4c")
def base_is_another_consent(detail: Detail, now: datetime) -> None:
    """A chain is named after its first consent, which cannot be the one that renews it."""
    if base_id(detail).lower() == external_id(detail).lower():
        raise InvalidAuthorizationDetails("BaseConsentId must name another consent")


@requirement("CBUAE-2.4a")
def one_person_authorizes(detail: Detail, now: datetime) -> None:
    """Whoever signs in approves, alone: what others have to approve too must not pass for that."""
    if body_of(detail).get("IsSingleAuthorization") is False:
        raise InvalidAuthorizationDetails(
            "a consent that several people authorize is not offered: IsSingleAuthorization is false"
        )


@requirement("CBUAE-2.4c", "RAR-7")
def granted(detail: Detail, consent: Consent) -> dict[str, Any]:
    """The consent object with its state, as the ecosystem's APIs show it, and the accounts."""
    member = "consent" if "consent" in detail else "Consent"
    state = {
        "Status": consent.state,
        "CreationDateTime": _written(consent.created_at),
        "StatusUpdateDateTime": _written(consent.state_changed_at),
    }
    return with_accounts({**detail, member: {**detail[member], **state}}, consent)


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def purpose_of(detail: Detail) -> str:
    billed = body_of(detail).get("OpenFinanceBilling", {}).get("Purpose")
    return _(PURPOSES.get(billed, billed)) if billed else ""


def parties(detail: Detail) -> list[Fact]:
    """On whose behalf the client says that it acts: its own words."""
    behalf = body_of(detail).get("OnBehalfOf", {})
    return [
        Fact(label=_(label), value=behalf[name], quoted=True)
        for name, label in NAMES
        if name in behalf
    ]


def links(detail: Detail) -> list[Fact]:
    """The consent's number, the one that it renews, and where the client asked to be told."""
    values = {_("Consent number"): external_id(detail), _("Renews the consent"): base_id(detail)}
    subscription = detail.get("subscription", detail.get("Subscription"))
    if subscription and subscription["Webhook"]["IsActive"]:
        values[_("They asked to be told of changes at")] = subscription["Webhook"]["Url"]
    return [
        Fact(label=label, value=value, literal=True, technical=True)
        for label, value in values.items()
        if value
    ]
