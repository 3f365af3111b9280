"""Valid authorization_details of every type, to be made slightly wrong."""

import copy
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PAYEE_IBAN = "AE070331234567890123456"
SEALED = ".".join(["eyJhbGciOiJSU0EtT0FFUCJ9", "a" * 342, "b" * 16, "c" * 200, "d" * 22])
ABSENT = object()


def rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def changed(detail: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy in which the member at this path (``a.b.0.c``) has this value, or is ABSENT."""
    found = copy.deepcopy(detail)
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    place: Any = found
    for part in way:
        place = place[part]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return found


def account_information(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "type": "account_information",
        "actions": ["list_accounts", "read_balances", "read_transactions"],
        "locations": ["https://bank.example.com/accounts"],
        "expiration": rfc3339(now + timedelta(days=90)),
        "purpose": "To plan your month",
    } | changes


def payment_initiation(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "type": "payment_initiation",
        "actions": ["initiate", "status"],
        "instructedAmount": {"currency": "AED", "amount": "1250.00"},
        "creditorName": "Bright Books LLC",
        "creditorAccount": {"iban": PAYEE_IBAN},
        "remittanceInformationUnstructured": "Invoice 2026-114",
        "requestedExecutionDate": (now + timedelta(days=3)).date().isoformat(),
    } | changes


def patient_record(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "type": "patient-record-access",
        "actions": ["read"],
        "datatypes": ["allergies", "medications"],
        "from": "2020-01-01",
        "to": "2025-12-31",
        "expiration": rfc3339(now + timedelta(days=800)),
        "purpose": "To prepare your visit",
    } | changes


def account_access(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """Account access as version 2.1 writes it; ``changes`` are members of ``consent``."""
    return {
        "type": "urn:openfinanceuae:account-access-consent:v2.1",
        "consent": {
            "ConsentId": str(uuid.uuid4()),
            "BaseConsentId": str(uuid.uuid4()),
            "Permissions": ["ReadAccountsBasic", "ReadBalances", "ReadTransactionsDetail"],
            "ExpirationDateTime": rfc3339(now + timedelta(days=180)),
            "FromDate": "2025-01-01",
            "ToDate": "2026-12-31",
            "AccountType": ["Retail", "SME"],
            "AccountSubType": ["CurrentAccount", "Savings"],
            "OnBehalfOf": {
                "TradingName": "Sumwise",
                "LegalName": "Sumwise FZ LLC",
                "IdentifierType": "Other",
                "Identifier": "FZ-1882",
            },
            "OpenFinanceBilling": {"UserType": "Retail", "Purpose": "BudgetingAnalysis"},
        }
        | changes,
        "subscription": {"Webhook": {"Url": "https://tpp.example.com/events", "IsActive": True}},
    }


def account_access_v1() -> dict[str, Any]:
    """Account access as the conformance suite's sample for version 1.0 writes it."""
    return {
        "type": "urn:openfinanceuae:account-access-consent:v1.0",
        "Consent": {
            "OnBehalfOf": {
                "TradingName": "Kprtvqewsx",
                "LegalName": "Mwzbnhgfdy-CBUAE",
                "IdentifierType": "Other",
                "Identifier": "Identifier",
            },
            "ConsentId": str(uuid.uuid4()),
            "Permissions": [
                "ReadAccountsBasic",
                "ReadBalances",
                "ReadParty",
                "ReadPartyPSUIdentity",
            ],
        },
        "Subscription": {"Webhook": {"Url": "", "IsActive": False}},
    }


def single_payment(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """One instant payment as version 2.1 writes it; ``changes`` are members of ``consent``."""
    return {
        "type": "urn:openfinanceuae:service-initiation-consent:v2.1",
        "consent": {
            "ConsentId": str(uuid.uuid4()),
            "IsSingleAuthorization": True,
            "AuthorizationExpirationDateTime": rfc3339(now + timedelta(hours=1)),
            "ExpirationDateTime": rfc3339(now + timedelta(days=1)),
            "Permissions": ["ReadAccountsBasic", "ReadBalances"],
            "PersonalIdentifiableInformation": SEALED,
            "ControlParameters": {
                "IsDelegatedAuthentication": False,
                "ConsentSchedule": {
                    "SinglePayment": {
                        "Type": "SingleInstantPayment",
                        "Amount": {"Amount": "1250.00", "Currency": "AED"},
                    }
                },
            },
            "DebtorReference": "Rent March",
            "CreditorReference": "Flat 12",
            "PaymentPurposeCode": "ACM",
        }
        | changes,
    }


def payments(periodic: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """Several payments on this schedule, within these limits."""
    schedule = {"MultiPayment": {**limits, "PeriodicSchedule": periodic}}
    return single_payment(
        ControlParameters={"IsDelegatedAuthentication": False, "ConsentSchedule": schedule},
        ExpirationDateTime=rfc3339(NOW + timedelta(days=300)),
    )


def insurance(*, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "type": "urn:openfinanceuae:insurance-consent:v2.1",
        "consent": {
            "ConsentId": str(uuid.uuid4()),
            "Permissions": [
                {
                    "InsuranceType": "Motor",
                    "Permissions": ["ReadInsurancePolicies", "ReadInsurancePremium"],
                },
                {"InsuranceType": "Travel", "Permissions": ["ReadCustomerClaims"]},
            ],
            "OpenFinanceBilling": {"Purpose": "QuoteComparison"},
            "ExpirationDateTime": rfc3339(now + timedelta(days=30)),
        }
        | changes,
    }


def of_version(detail: dict[str, Any], version: str) -> dict[str, Any]:
    """The same in the name of another version, which has to have the same form."""
    return {**detail, "type": f"{detail['type'].rpartition(':')[0]}:{version}"}


def account_access_v2_2(*, now: datetime = NOW) -> dict[str, Any]:
    return of_version(account_access(now=now), "v2.2")


def account_access_v1_2(*, now: datetime = NOW) -> dict[str, Any]:
    detail = of_version(account_access(now=now), "v1.2")
    body = detail["consent"]
    del body["FromDate"], body["ToDate"]
    body |= {
        "ConsentId": f"consent-of-{uuid.uuid4()}",
        "Permissions": ["ReadAccountsBasic", "ReadConsents"],
        "TransactionFromDateTime": "2025-01-01T00:00:00Z",
    }
    return detail


def single_payment_v2_2(*, now: datetime = NOW) -> dict[str, Any]:
    return of_version(single_payment(now=now), "v2.2")


def single_payment_v1_2(*, now: datetime = NOW) -> dict[str, Any]:
    """A payment on a day to come, with references in the form of that version."""
    tpp = "TPP=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    detail = single_payment(
        now=now,
        ExpirationDateTime=rfc3339(now + timedelta(days=180)),
        DebtorReference=f"{tpp},,BIC=AAAAAEAAXXX,Rent",
        CreditorReference=f"{tpp},BIC=AAAAAEAA",
    )
    dated = {
        "Type": "SingleFutureDatedPayment",
        "Amount": {"Amount": "10.00", "Currency": "AED"},
        "RequestedExecutionDate": (now + timedelta(days=3)).date().isoformat(),
    }
    schedule = "consent.ControlParameters.ConsentSchedule"
    return of_version(changed(detail, schedule, {"SinglePayment": dated}), "v1.2")


def insurance_v2_2(*, now: datetime = NOW) -> dict[str, Any]:
    return of_version(insurance(now=now), "v2.2")


def insurance_v1_2(*, now: datetime = NOW) -> dict[str, Any]:
    asked = ["ReadMotorInsurancePolicies", "ReadMotorInsuranceTransactions"]
    return of_version(insurance(now=now, Permissions=asked), "v1.2")


# One of each type that a person is asked about: tests/journeys/consents/test_types.py holds that
# none is missing.
EVERY_TYPE = (
    account_information,
    payment_initiation,
    patient_record,
    account_access,
    account_access_v1,
    account_access_v1_2,
    account_access_v2_2,
    single_payment,
    single_payment_v1_2,
    single_payment_v2_2,
    insurance,
    insurance_v1_2,
    insurance_v2_2,
)

# The others, each with the reason why nobody is shown it.
WITHOUT_A_PERSON = {
    "bilateral_contract": "two organisations made it; a machine asks for a token in its own name",
}
