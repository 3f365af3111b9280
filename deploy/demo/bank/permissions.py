"""Which accounts a consent opens, and what may be read of them, in each type's own words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.demo.parties import ACCOUNT_ACCESS

BALANCES = "balances"
ACCOUNTS = "accounts"
MEANING = {
    "list_accounts": ACCOUNTS,
    "read_balances": BALANCES,
    "ReadAccountsBasic": ACCOUNTS,
    "ReadAccountsDetail": ACCOUNTS,
    "ReadBalances": BALANCES,
}


def accounts_open_for(permission: str, details: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the accounts that the details open for this permission."""
    return {
        account
        for detail in details
        if permission in {MEANING.get(word) for word in _words(detail)}
        for account in _chosen(detail)
    }


def _words(detail: Mapping[str, Any]) -> Sequence[str]:
    if str(detail.get("type", "")).startswith(ACCOUNT_ACCESS):
        consent = detail.get("consent") or detail.get("Consent", {})
        words: Sequence[str] = consent.get("Permissions", ())
    else:
        words = detail.get("actions", ())
    return words


def _chosen(detail: Mapping[str, Any]) -> Iterator[str]:
    for account in detail.get("accounts", ()):
        yield str(account["id"] if isinstance(account, Mapping) else account)
