"""A type of authorization_details: what it must look like, says to a person, and grants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents.types.description import Description
from consents.types.moments import CENTURY
from consents.types.schema import fault_in

if TYPE_CHECKING:
    from consents.models import Consent

Detail = Mapping[str, Any]
# The instant that a rule, or an end, is given is written in the ecosystem's zone: its date is today
# there, and ``day_of`` gives that of another instant there.
Rule = Callable[[Detail, datetime], None]


class Accounts(Enum):
    """How many accounts a person chooses beside the detail."""

    NONE = "none"
    ONE = "one"
    SOME = "some"


def _nothing(detail: Detail) -> Any:
    return None


def _no_name(detail: Detail) -> str:
    return ""


def _every_kind(detail: Detail) -> Collection[str]:
    return ()


def _never(detail: Detail, now: datetime) -> datetime | None:
    return None


def with_accounts(detail: Detail, consent: Consent) -> dict[str, Any]:
    """The detail as it was asked, with the accounts that the person chose (RAR-7.1)."""
    chosen = [{"id": account["id"]} for account in consent.choices.get("accounts", ())]
    return {**detail, **({"accounts": chosen} if chosen else {})}


@dataclass(frozen=True, kw_only=True)
class DetailType:
    """One type and version, named by the ``type`` member.

    ``schema`` is a file in the folder ``schemas``; ``rules`` say what no schema can, each as a
    function named after the truth it holds to. ``clause`` is cited where the schema refuses.
    ``end`` gives the instant at which the detail ends, None where it has no end of its own;
    ``deadline`` the instant until which it can be approved. ``account_kinds`` are the kinds of
    account that it asks for, none meaning all. ``needs_person`` False is for what a client may have
    for itself, by client_credentials, and no person is asked about.
    """

    name: str
    clause: str
    schema: str
    describe: Callable[[Detail], Description]
    rules: tuple[Rule, ...] = ()
    needs_person: bool = True
    accounts: Accounts = Accounts.NONE
    account_kinds: Callable[[Detail], Collection[str]] = _every_kind
    end: Callable[[Detail, datetime], datetime | None] = _never
    deadline: Callable[[Detail], datetime | None] = _nothing
    external_id: Callable[[Detail], str] = _no_name
    base_id: Callable[[Detail], str] = _no_name
    granted: Callable[[Detail, Consent], dict[str, Any]] = field(default=with_accounts)

    @property
    def needs_accounts(self) -> bool:
        return self.accounts is not Accounts.NONE

    def require_valid(self, detail: Detail, *, now: datetime, zone: tzinfo) -> None:
        """Return if the detail is one of this type, else raise InvalidAuthorizationDetails.

        Dates in it are days in ``zone``, and so is today.
        """
        if (fault := fault_in(detail, schema=self.schema)) is not None:
            raise InvalidAuthorizationDetails(
                "authorization_details does not have the form of its type",
                clause=self.clause,
                expected=f"{self.schema}: {fault}",
            )
        for rule in self.rules:
            rule(detail, now.astimezone(zone))

    def expires_at(self, detail: Detail, *, now: datetime, zone: tzinfo) -> datetime | None:
        """When the detail ends, in UTC; None where it has no end, or one beyond a century.

        A date in it is a day in ``zone``.
        """
        ends = self.end(detail, now.astimezone(zone))
        return ends.astimezone(UTC) if ends is not None and ends - now < CENTURY else None
