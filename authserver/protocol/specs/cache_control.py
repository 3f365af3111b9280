"""How long an HTTP answer may be kept (RFC 9111, 4.2.1), within bounds of ours."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from authserver.protocol.requirements import requirement

MAX_AGE = re.compile(r"max-age=([0-9]{1,10})")
DO_NOT_KEEP = frozenset({"no-store", "no-cache"})


@requirement("RFC9111-4.2.1")
def lifetime_of(
    headers: Mapping[str, str], *, shortest: timedelta, longest: timedelta, now: datetime
) -> timedelta:
    """Return what the sender wishes, clamped; the longest when it wishes nothing.

    Header names are in lower case.
    """
    return min(max(_wished(headers, longest, now), shortest), longest)


def _wished(headers: Mapping[str, str], longest: timedelta, now: datetime) -> timedelta:
    directives = [each.strip().lower() for each in headers.get("cache-control", "").split(",")]
    if not DO_NOT_KEEP.isdisjoint(directives):
        return timedelta(0)
    ages = [int(max_age[1]) for each in directives if (max_age := MAX_AGE.fullmatch(each))]
    if ages:
        return timedelta(seconds=min(ages))
    return _until(headers["expires"], now) if "expires" in headers else longest


def _until(expires: str, now: datetime) -> timedelta:
    """RFC9111-5.3: what is no date has passed."""
    try:
        moment = parsedate_to_datetime(expires)
    except (ValueError, OverflowError):
        return timedelta(0)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
