"""The authorization_details that the suite sends, by profile.

The suite writes a value of its own in place of ``${uuid}`` and ``${name}``, another one each time.
"""

from collections.abc import Mapping
from typing import Any

ACCOUNTS: Mapping[str, Any] = {
    "type": "account_information",
    "actions": ["list_accounts", "read_balances"],
}
UAE_ACCOUNTS: Mapping[str, Any] = {
    "type": "urn:openfinanceuae:account-access-consent:v1.0",
    "Consent": {
        "ConsentId": "${uuid}",
        "Permissions": ["ReadAccountsBasic", "ReadBalances"],
        "OnBehalfOf": {"TradingName": "${name}"},
    },
}
SENT = {
    "fapi2-security": ACCOUNTS,
    "fapi2-message-signing": ACCOUNTS,
    "cbuae": UAE_ACCOUNTS,
}
DETAIL_TYPES = {
    "fapi2-security": (ACCOUNTS["type"],),
    "fapi2-message-signing": (ACCOUNTS["type"],),
    "cbuae": (UAE_ACCOUNTS["type"],),
    "ffi": (),
}
