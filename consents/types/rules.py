"""What schemas cannot say, for several types: each is named as the truth that it holds to."""

from collections.abc import Collection
from datetime import datetime, timedelta

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents.types.moments import CLOCK_SKEW, a_year_after


def end_is_ahead(end: datetime | None, *, now: datetime) -> None:
    if end is not None and end <= now:
        raise InvalidAuthorizationDetails("the consent would end in the past")


def end_is_within_a_year(
    end: datetime | None, *, now: datetime, tolerance: timedelta = CLOCK_SKEW
) -> None:
    """``tolerance`` is how far the clock may be ahead by which the sender counts the year."""
    if end is not None and end > a_year_after(now + tolerance):
        raise InvalidAuthorizationDetails("the consent would last longer than a year")


def first_is_not_after(first: object, last: object, *, sentence: str) -> None:
    """Of two dates or two instants; where one of them is absent there is nothing to compare."""
    if first is not None and last is not None and first > last:  # type: ignore[operator]
        raise InvalidAuthorizationDetails(sentence)


def names_come_with_one_of(
    names: Collection[str], *, dependent: Collection[str], needed: Collection[str], sentence: str
) -> None:
    if not set(names).isdisjoint(dependent) and set(names).isdisjoint(needed):
        raise InvalidAuthorizationDetails(sentence)


def iban_has_its_check_digits(iban: str) -> None:
    """ISO 13616: moved to the end, and letters read as numbers, the rest by 97 is 1."""
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise InvalidAuthorizationDetails("an IBAN has wrong check digits")
