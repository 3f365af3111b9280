"""Time zones by their IANA names, and in words."""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Every zone that a profile names, and its neighbours; another is written as its distance from UTC.
WORDS = {
    "Asia/Bahrain": gettext_noop("Bahrain time"),
    "Asia/Dubai": gettext_noop("Dubai time"),
    "Asia/Kuwait": gettext_noop("Kuwait time"),
    "Asia/Qatar": gettext_noop("Qatar time"),
    "Asia/Riyadh": gettext_noop("Riyadh time"),
    "Australia/Sydney": gettext_noop("Sydney time"),
    "Europe/London": gettext_noop("London time"),
}


def refuse_unknown(name: str) -> None:
    """Hold a name to those of places: ``Area/City``, and UTC; no abbreviation, which is of many."""
    if name != "UTC" and ("/" not in name or name not in available_timezones()):
        raise ValidationError("Write the zone by its IANA name, for example Asia/Dubai.")


def there(instant: datetime, zone: tzinfo) -> datetime:
    """The instant in the zone; the first and last hours of the calendar stay as they are."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def in_words(instant: datetime) -> str:
    """The zone that the instant is written in: ``Dubai time``, or ``UTC+05:30``."""
    key = getattr(instant.tzinfo, "key", "")
    if key in WORDS:
        return _(WORDS[key])
    offset = instant.utcoffset()
    assert offset is not None, "an instant, not a wall clock"
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"
