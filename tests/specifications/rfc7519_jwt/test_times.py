"""RFC 7519, 2: a time is a number of seconds and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from authserver.protocol.specs import numeric_date
from authserver.protocol.specs.numeric_date import BadTime, Times

requirement = pytest.mark.requirement


@requirement("RFC7519-2")
def test_times_are_numbers_and_may_be_absent():
    assert Times.of({"exp": 5, "nbf": 2.5}) == Times(exp=5.0, nbf=2.5, iat=None)
    assert Times.of({"iat": -1, "other": "x"}) == Times(exp=None, nbf=None, iat=-1.0)


@requirement("RFC7519-2")
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", [None, True, False, "5", "", float("nan"), float("inf"), [5], {}], ids=repr
)
def test_nothing_else_is_a_time(name, value):
    with pytest.raises(BadTime, match=f"^{name} is not a number$"):
        Times.of({name: value})


@requirement("RFC7519-2")
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [253_370_764_800, 2**53 - 1, 1.5e12, 1e300, -1e300])
def test_what_is_no_date_is_no_time(name, value):
    with pytest.raises(BadTime, match=f"^{name} is beyond every date$"):
        Times.of({name: value})


@requirement("RFC7519-2")
def test_the_last_time_is_a_date():
    latest = Times.of({"exp": 253_370_764_799.999}).exp
    assert latest is not None
    assert datetime.fromtimestamp(latest, UTC) + timedelta(days=1) < datetime.max.replace(
        tzinfo=UTC
    )


@requirement("RFC7519-2")
def test_we_write_whole_seconds_of_any_zone():
    moment = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC)

    assert numeric_date.written(moment) == 1795262400
    assert numeric_date.written(moment.astimezone(timezone(timedelta(hours=4)))) == 1795262400
