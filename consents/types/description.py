"""What a detail says to a person: plain data, so that templates print and do not decide.

Every text is already in the person's language, except those marked as the client's own words.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One thing that becomes possible; ``technical`` is its name in the request."""

    sentence: str
    technical: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount exactly as it was asked for: the text is never reformatted."""

    value: str
    currency: str

    def __str__(self) -> str:
        return f"{self.value} {self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment: who gets it and how much. ``sealed_payee`` replaces a payee we cannot read."""

    payee: str = ""
    payee_account: str = ""
    sealed_payee: str = ""
    amount: Amount | None = None
    reference: str = ""
    execution_date: date | None = None

    @property
    def readable_account(self) -> str:
        """The number in pieces of four, as people read an IBAN."""
        number = self.payee_account
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name and a value.

    ``quoted`` marks the client's own words; ``literal`` what is not prose: a number, a code, an
    address, always written from left to right; ``technical`` what is one tap away, since it
    tells a person nothing.
    """

    label: str
    value: str | date | datetime | Amount
    quoted: bool = False
    literal: bool = False
    technical: bool = False

    @property
    def is_instant(self) -> bool:
        return isinstance(self.value, datetime)

    @property
    def is_date(self) -> bool:
        return isinstance(self.value, date)

    @property
    def is_literal(self) -> bool:
        return self.literal or isinstance(self.value, Amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A detail in words: ``title`` names it in a list, ``question`` is what the person answers.

    ``purpose`` is a sentence of ours, ``stated_purpose`` one of theirs.
    """

    title: str
    question: str
    approve: str
    refuse: str
    groups: tuple[Group, ...] = ()
    payment: Payment | None = None
    facts: tuple[Fact, ...] = ()
    purpose: str = ""
    stated_purpose: str = ""
