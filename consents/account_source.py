"""Which accounts a person has: the bank's to say, asked over HTTPS each time and never kept.

GET <account_source_url>/people/<person_id> says who that is, .../accounts which accounts they have;
both with a bearer token of the bank's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote

import structlog
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.ecosystems.models import Ecosystem
from authserver.outbound import OutboundError, fetch_json, let_go_of_the_database
from authserver.protocol.profiles.checks import type_is_listed
from authserver.protocol.requirements import case
from authserver.protocol.specs.readable_text import is_readable
from authserver.storage.encryption import SecretElsewhere
from clients.models import ResourceServer

log = structlog.get_logger("consents.account_source")

BALANCE = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,3})?")
CURRENCY = re.compile(r"[A-Z]{3}")
MAX_ACCOUNTS = 1000
MAX_BYTES = 131_072  # about 500 accounts
KINDS = {
    "CurrentAccount": gettext_noop("Current account"),
    "Savings": gettext_noop("Savings account"),
    "CreditCard": gettext_noop("Credit card"),
    "Mortgage": gettext_noop("Mortgage"),
    "Finance": gettext_noop("Loan or other finance"),
}


class SourceUnavailable(Exception):
    """The bank cannot say now which accounts the person has; ``str`` is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as the bank shows it. ``balance`` is a decimal as the bank writes it, or empty;
    ``reason`` says to the person why an account cannot be chosen."""

    id: str
    name: str
    kind: str = ""
    last4: str = ""
    iban: str = ""
    currency: str = ""
    balance: str = ""
    shareable: bool = True
    reason: str = ""

    @property
    def readable_balance(self) -> str:
        """The balance in the manner of the person's language, with its currency."""
        if not self.balance:
            return ""
        decimals = len(self.balance.partition(".")[2])
        number = number_format(Decimal(self.balance), decimals, force_grouping=True)
        return f"{number} {self.currency}".rstrip()

    @property
    def kind_in_words(self) -> str:
        return _(KINDS[self.kind]) if self.kind in KINDS else self.kind

    def as_choice(self) -> dict[str, str]:
        """What is kept of a chosen account: enough to recognise it, and never its balance."""
        choice = {"id": self.id, "name": self.name, "kind": self.kind}
        return {**choice, "last4": self.last4, "currency": self.currency}


class AccountSource(Protocol):
    def name_of(self, person_id: str) -> str:
        """The name of the person whom the bank knows by exactly this, or SourceUnavailable."""

    def accounts_of(self, person_id: str) -> list[Account]:
        """The person's accounts in the bank's order, or SourceUnavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankOverHTTPS:
    """The bank's own program, asked with the token it gave us."""

    url: str
    token: str

    def name_of(self, person_id: str) -> str:
        return read_name(self._asked(person_id, ""), person_id=person_id)

    def accounts_of(self, person_id: str) -> list[Account]:
        return read_accounts(self._asked(person_id, "/accounts"))

    def _asked(self, person_id: str, page: str) -> Any:
        let_go_of_the_database()
        address = f"{self.url.rstrip('/')}/people/{quote(person_id, safe='')}{page}"
        try:
            fetched = fetch_json(
                address,
                max_bytes=MAX_BYTES,
                headers={"Authorization": f"Bearer {self.token}"},
            )
        except OutboundError as error:
            raise SourceUnavailable(str(error)) from None
        return fetched.json


def source_of(ecosystem: Ecosystem, *, types: Collection[str]) -> AccountSource:
    """The account source of the first resource server that any of the types reaches."""
    servers = ResourceServer.objects.filter(ResourceServer.ALIVE.q(), ecosystem=ecosystem)
    for server in servers.exclude(account_source_url="").order_by("pk"):
        if any(type_is_listed(each, server.authorization_details_types) for each in types):
            return _source(server)
    raise SourceUnavailable("no resource server lists accounts for these types")


@case("AD-05")
def name_at_the_bank(person_id: str, ecosystem: Ecosystem) -> str:
    """Whom the ecosystem's banks know by this identifier; empty where it has none to ask.

    Every server with an account source is asked, switched off or not, and all name one and the
    same person, or SourceUnavailable.
    """
    servers = ResourceServer.objects.filter(ecosystem=ecosystem).exclude(account_source_url="")
    names = {_source(server).name_of(person_id) for server in servers}
    if len(names) > 1:
        raise SourceUnavailable("two banks name different people")
    return names.pop() if names else ""


def _source(server: ResourceServer) -> BankOverHTTPS:
    try:
        return BankOverHTTPS(url=server.account_source_url, token=server.account_source_token)
    except SecretElsewhere:
        raise SourceUnavailable("its token was given for another address") from None


def read_name(answer: Any, *, person_id: str) -> str:
    """The name that the answer gives to exactly this identifier, or SourceUnavailable.

    A bank that answers for another spelling of it would let two people be one.
    """
    if not isinstance(answer, Mapping) or answer.get("id") != person_id:
        raise SourceUnavailable("the answer is not about this identifier")
    name = " ".join(_text(answer, "name").split())
    if not name:
        raise SourceUnavailable("the answer names nobody")
    return name


def read_accounts(answer: Any) -> list[Account]:
    """The accounts that the answer lists, or SourceUnavailable where it does not make sense.

    Two accounts with one id could be mistaken for each other, so they make no sense either.
    """
    listed = answer.get("accounts") if isinstance(answer, Mapping) else answer
    if not isinstance(listed, list) or len(listed) > MAX_ACCOUNTS:
        raise SourceUnavailable("the answer is not a list of accounts")
    accounts = [_read(each) for each in listed]
    if len({account.id for account in accounts}) != len(accounts):
        raise SourceUnavailable("an account is listed twice")
    return accounts


def _read(written: Any) -> Account:
    if not isinstance(written, Mapping) or not isinstance(written.get("shareable", True), bool):
        raise SourceUnavailable("an account is not written as one")
    texts = {
        name: _text(written, member)
        for name, member in {
            "id": "id",
            "name": "name",
            "kind": "type",
            "last4": "last4",
            "iban": "iban",
            "currency": "currency",
            "balance": "balance",
            "reason": "reason",
        }.items()
    }
    if not texts["id"] or not texts["name"]:
        raise SourceUnavailable("an account has no id or no name")
    if texts["balance"] and not BALANCE.fullmatch(texts["balance"]):
        raise SourceUnavailable("a balance is not a decimal")
    if texts["currency"] and not CURRENCY.fullmatch(texts["currency"]):
        raise SourceUnavailable("a currency is not a code")
    texts["last4"] = (texts["last4"] or texts["iban"])[-4:]
    return Account(shareable=written.get("shareable", True), **texts)


def _text(written: Mapping[str, Any], member: str) -> str:
    value = written.get(member, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 200:
        raise SourceUnavailable(f"{member} is not a short text")
    if value and not is_readable(value):
        raise SourceUnavailable(f"{member} is not a text that people can read")
    return value
