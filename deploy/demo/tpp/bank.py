"""The bank's API as a TPP calls it."""

from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.https_client import HTTPSClient


class TokenRefused(Exception):
    """The bank answered 401: the token is not good, or not good in these hands."""


class BankFailed(Exception):
    """The bank answered something else than accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    id: str
    name: str
    type: str
    iban: str
    currency: str
    balance: str


def accounts(https: HTTPSClient, *, url: str, access_token: str) -> tuple[AccountShown, ...]:
    """Return the person's shared accounts with their balances."""
    answer = https.get("The TPP asks the bank for the accounts", url, token=access_token)
    listed = _checked(answer)["Data"]["Account"]
    shown = []
    for account in listed:
        balances = _checked(
            https.get(
                "The TPP asks for a balance",
                f"{url}/{account['AccountId']}/balances",
                token=access_token,
            )
        )["Data"]["Balance"]
        shown.append(
            AccountShown(
                id=account["AccountId"],
                name=account["Nickname"],
                type=account["AccountSubType"],
                iban=account["AccountIdentifiers"][0]["Identification"],
                currency=account["Currency"],
                balance=balances[0]["Amount"]["Amount"],
            )
        )
    return tuple(shown)


def attempt(https: HTTPSClient, what: str, *, url: str, access_token: str) -> tuple[int, str]:
    """Ask for the accounts as anybody might; return the status and the bank's reason."""
    answer = https.get(what, url, token=access_token)
    return answer.status_code, _reason(answer)


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise TokenRefused(_reason(answer))
    if not answer.is_success:
        raise BankFailed(_reason(answer))
    content: dict[str, Any] = answer.json()
    return content


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("error_description", ""))
    except (ValueError, AttributeError):
        return ""
