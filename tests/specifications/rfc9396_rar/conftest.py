"""The bank that answers which accounts there are."""

import pytest

from tests.support.bank import Bank


@pytest.fixture(autouse=True)
def accounts(monkeypatch) -> Bank:
    """The bank behind the ecosystem: it says which accounts a person has."""
    bank = Bank()
    monkeypatch.setattr("consents.account_source.fetch_json", bank.fetch_json)
    return bank
