"""Instants as RFC 3339 writes them, and how long a consent may last."""

import re
from datetime import UTC, date, datetime, timedelta

DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
CLOCK_SKEW = timedelta(seconds=10)  # FAPI2-SP-FINAL-5.3.2.1-13: a sender's clock may be so far off
CENTURY = timedelta(days=36_525)


def instant_of(text: str) -> datetime:
    """The instant, in UTC; ValueError where it is not written as RFC 3339 wants it, with zone."""
    if not DATE_TIME.fullmatch(text):
        raise ValueError("not a date-time with a zone")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def a_year_after(instant: datetime) -> datetime:
    """The same day of next year; 28 February where that year has no 29th."""
    try:
        return instant.replace(year=instant.year + 1)
    except ValueError:
        return instant.replace(year=instant.year + 1, day=28)


def day_of(instant: datetime, now: datetime) -> date:
    """The day on which the instant falls, where ``now`` is written."""
    return instant.astimezone(now.tzinfo).date()


def earliest_today(now: datetime) -> date:
    """Today where ``now`` is written, or yesterday still, by a sender's clock that is behind."""
    return (now - CLOCK_SKEW).date()
