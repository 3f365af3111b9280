"""Tries are counted by one statement for a rate, and judged by it, whichever database it is."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from authserver.accounts import attempts

case = pytest.mark.case

FIVE = {"sign in": "5/5m/key"}
TWO_RATES = {"sign in": "5/5m/ip,2/5m/key"}


@pytest.fixture
def tries(db, settings):
    """Try as often as is asked for; how many of them were let through."""
    settings.ATTEMPT_RATES = FIVE

    def tries(number, **what):
        request = RequestFactory().post("/", REMOTE_ADDR=what.pop("address", "192.0.2.1"))
        asked = {"action": "sign in", "key": "mariam"} | what
        return [each for _ in range(number) if (each := attempts.count(request, **asked))]

    return tries


@case("LG-01")
def test_so_many_are_let_through_and_no_more(tries):
    assert len(tries(7)) == 5
    assert len(tries(7, key="yusuf")) == 5


@case("LG-03")
def test_what_is_too_old_counts_no_longer(tries, at):
    first = tries(3)
    with at(seconds=200):
        assert len(tries(3)) == 2
    with at(seconds=301):
        assert len(tries(9)) == 3
    assert first


@case("LG-06")
def test_one_that_is_taken_back_takes_no_other_with_it(tries):
    first, *_ = tries(5)
    assert not tries(1)

    first.give_back()

    assert len(tries(2)) == 1


@case("LG-02")
def test_behind_a_rate_that_is_used_up_nothing_is_counted(tries, settings):
    settings.ATTEMPT_RATES = TWO_RATES

    assert len(tries(6)) == 2  # five of the address
    assert len(tries(2, address="192.0.2.2", key="yusuf")) == 2
    assert not tries(1, key="omar")


@pytest.mark.parametrize("is_first", [True, False])
def test_it_is_one_statement_for_a_rate(tries, is_first):
    made = tries(0 if is_first else 1)

    with CaptureQueriesContext(connection) as counting:
        made += tries(1)
    with CaptureQueriesContext(connection) as taking_back:
        made[-1].give_back()

    assert (len(counting), len(taking_back)) == (1, 1)
