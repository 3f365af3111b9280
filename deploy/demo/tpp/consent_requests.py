"""What the TPP asks for, in the words of each ecosystem, and for a person to read."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.parties import ACCOUNT_ACCESS, OPENFINANCE, UAE

LENGTH = timedelta(days=90)
SENTENCES = (
    "The name, number and currency of each account you choose",
    "The balance of each of them",
    "Your name and your e-mail address",
)

# Two facts about the person, and why: the person reads both before they agree.
CLAIMS: Mapping[str, Any] = {"id_token": {"name": None}, "userinfo": {"email": None}}
PURPOSE = "To greet you by name and write to you when something changes"


def authorization_details(ecosystem: str, *, now: datetime) -> list[dict[str, Any]]:
    """Return the rich request of one new consent in the ecosystem with this slug."""
    return [DETAIL_FOR[ecosystem](until=_written(now + LENGTH))]


def last_day(*, now: datetime) -> str:
    return f"{now + LENGTH:%-d %B %Y}"


def present() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _account_information(*, until: str) -> dict[str, Any]:
    return {
        "type": "account_information",
        "actions": ["list_accounts", "read_balances"],
        "expiration": until,
    }


def _account_access(*, until: str) -> dict[str, Any]:
    return {
        "type": f"{ACCOUNT_ACCESS}:v2.1",
        "consent": {
            "ConsentId": str(uuid.uuid4()),
            "Permissions": ["ReadAccountsBasic", "ReadAccountsDetail", "ReadBalances"],
            "ExpirationDateTime": until,
            "OpenFinanceBilling": {"UserType": "Retail", "Purpose": "AccountAggregation"},
        },
    }


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


DETAIL_FOR: Mapping[str, Callable[..., dict[str, Any]]] = {
    OPENFINANCE.slug: _account_information,
    UAE.slug: _account_access,
}
