"""Few callers of a server wait for hosts of others, and a host that fails is left alone."""

import multiprocessing
import os
import time
from contextlib import ExitStack
from typing import Any

import pytest

from authserver import outbound
from authserver.outbound import Busy, OutboundError, lanes
from authserver.outbound.faults import HostFailed

case = pytest.mark.case
HERE = "https://here.example/jwks"


@pytest.fixture
def lane(settings):
    """Four places, two for each host."""
    settings.OUTBOUND_AT_ONCE = 4
    return lanes.Lane()


@pytest.fixture
def health(monkeypatch):
    made = lanes.Health()
    monkeypatch.setattr(lanes, "HEALTH", made)
    return made


@pytest.fixture
def takes(lane):
    """Take a place and keep it until the end of the test; False if there is none."""
    with ExitStack() as held:

        def take(host):
            try:
                held.enter_context(lane.place(host, seconds=30))
            except Busy:
                return False
            return True

        yield take


@case("JW-10", "JW-22")
def test_a_host_gets_half_of_the_places_and_no_more(takes):
    assert [takes("here") for _ in range(3)] == [True, True, False]
    assert [takes("there") for _ in range(3)] == [True, True, False]
    assert not takes("elsewhere")


def test_a_place_is_given_back(lane, takes):
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), lane.place("here", seconds=30):
            raise ZeroDivisionError
    assert takes("here")
    assert takes("here")


@case("F-07")
def test_a_place_of_one_that_was_killed_is_free_when_its_time_is_over(lane, takes, monkeypatch):
    def is_killed():
        takes("here")
        takes("here")
        os._exit(0)

    assert not lane.is_full("here")
    forked = multiprocessing.get_context("fork").Process(target=is_killed)
    forked.start()
    forked.join()

    assert lane.is_full("here"), "all processes of a server share its places"
    later = time.monotonic() + 3600
    monkeypatch.setattr(lanes, "monotonic", lambda: later)
    assert takes("here")


def test_an_old_holder_does_not_give_away_the_place_of_a_new_one(lane, takes, settings):
    settings.OUTBOUND_AT_ONCE = 1
    with lane.place("here", seconds=0.01):
        time.sleep(0.02)
        assert takes("there")
    assert lane.is_full("elsewhere")


@case("JW-23")
def test_a_host_that_fails_three_times_is_left_alone_and_then_tried_by_one(health, monkeypatch):
    def fetched(fault=None, host="here"):
        try:
            with lanes.fetching(host, seconds=4):
                if fault:
                    raise fault
        except Busy:
            return "busy"
        except OutboundError:
            return "failed"
        return "answered"

    failed = HostFailed("it took too long")
    assert [fetched(failed) for _ in range(4)] == ["failed"] * 3 + ["busy"]
    assert fetched(host="there") == "answered"
    assert outbound.is_busy("https://here/jwks")

    clock = time.monotonic() + lanes.LEFT_ALONE + 1
    monkeypatch.setattr(lanes, "monotonic", lambda: clock)
    with lanes.fetching("here", seconds=4):
        assert fetched() == "busy", "while one tries, the others do not"
    assert fetched() == "answered"
    assert [fetched(failed) for _ in range(3)] == ["failed"] * 3
    outbound.try_again("https://here/jwks")
    assert fetched() == "answered"


def test_an_answer_that_we_do_not_take_is_an_answer(health):
    """The files of many clients lie on one host: one that is missing says nothing of the others."""
    for _ in range(5):
        with pytest.raises(OutboundError), lanes.fetching("here", seconds=4):
            raise OutboundError("the answer has the status 404")
    assert not outbound.is_busy("https://here/")


@case("JW-10", "JW-27")
@pytest.mark.parametrize("how", ["json", "signed"])
def test_every_fetch_goes_through_the_lane(settings, near, no_connection, how):
    settings.OUTBOUND_AT_ONCE = 1
    signed: dict[str, Any] = {"accept": "*/*", "max_bytes": 10, "seconds": 4}
    with lanes.FETCHING.place("elsewhere", seconds=30), pytest.raises(Busy):
        outbound.fetch_json(HERE) if how == "json" else outbound.fetch_signed(HERE, **signed)


def test_what_is_no_url_is_not_busy():
    assert not outbound.is_busy("https://[x")
    assert not outbound.is_busy("")
