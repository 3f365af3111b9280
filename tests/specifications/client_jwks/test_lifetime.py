"""RFC 9111, 4.2.1: how long an answer is kept, within our bounds. Case JW-24."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from authserver.protocol.specs.cache_control import lifetime_of

requirement = pytest.mark.requirement
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LONGEST = 20 * MINUTE


def expires(**ahead):
    return {"expires": format_datetime(NOW + timedelta(**ahead), usegmt=True)}


@requirement("RFC9111-4.2.1")
@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({}, LONGEST),
        ({"cache-control": "max-age=300"}, 5 * MINUTE),
        ({"cache-control": "public, Max-Age=300, must-revalidate"}, 5 * MINUTE),
        ({"cache-control": "max-age=31536000"}, LONGEST),
        ({"cache-control": "max-age=0"}, MINUTE),
        ({"cache-control": "max-age=600, max-age=300"}, 5 * MINUTE),
        ({"cache-control": "max-age=300, no-store"}, MINUTE),
        ({"cache-control": "no-cache"}, MINUTE),
        ({"cache-control": "max-age=-1"}, LONGEST),
        ({"cache-control": "max-age=99999999999999999999"}, LONGEST),
        ({"cache-control": "max-age=1e3"}, LONGEST),
        (expires(minutes=5), 5 * MINUTE),
        (expires(days=3650), LONGEST),
        (expires(days=-1), MINUTE),
        ({"expires": "0"}, MINUTE),
        ({"expires": "Sat, 21 Nov 2026 12:05:00"}, 5 * MINUTE),
        ({"cache-control": "max-age=300"} | expires(days=1), 5 * MINUTE),
    ],
    ids=str,
)
def test_the_senders_wish_is_held_to_our_bounds(headers, kept):
    assert lifetime_of(headers, shortest=MINUTE, longest=LONGEST, now=NOW) == kept
