"""The bank's books: customers, their accounts, and how the API writes them."""

from collections.abc import Collection
from typing import Any

from deploy.demo.parties import PEOPLE, Account

ACCOUNTS = {account.id: account for person in PEOPLE for account in person.accounts}
CUSTOMERS = {person.customer_id: person for person in PEOPLE}


def named(customer_id: str) -> dict[str, str] | None:
    """Return who the customer is, as an operator confirms it; None for an unknown one."""
    person = CUSTOMERS.get(customer_id)
    return None if person is None else {"id": customer_id, "name": person.display_name}


def offered(customer_id: str) -> list[dict[str, Any]] | None:
    """Return what the person may share, and why not the rest; None for an unknown customer."""
    person = CUSTOMERS.get(customer_id)
    if person is None:
        return None
    return [
        {
            "id": account.id,
            "name": account.name,
            "type": account.type,
            "iban": account.iban,
            "last4": account.last4,
            "currency": account.currency,
            "balance": account.balance,
            "shareable": account.shareable,
            "reason": account.reason,
        }
        for account in person.accounts
    ]


def listed(account_ids: Collection[str]) -> list[Account]:
    """Return the accounts with these ids that exist and may be shared, in the books' order."""
    return [one for one in ACCOUNTS.values() if one.id in account_ids and one.shareable]


def as_account(account: Account) -> dict[str, Any]:
    return {
        "AccountId": account.id,
        "Nickname": account.name,
        "Currency": account.currency,
        "AccountType": "Retail",
        "AccountSubType": account.type,
        "AccountIdentifiers": [{"SchemeName": "IBAN", "Identification": account.iban}],
    }


def as_balance(account: Account) -> dict[str, Any]:
    return {
        "AccountId": account.id,
        "Type": "ClosingAvailable",
        "CreditDebitIndicator": "Debit" if account.balance.startswith("-") else "Credit",
        "Amount": {"Amount": account.balance, "Currency": account.currency},
    }
