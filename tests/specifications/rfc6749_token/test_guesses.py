"""A client that shows codes and tokens that nobody gave it is slowed, and no other client is."""

from time import monotonic

import pytest

from tests.support import rates
from tests.support.assertions import refused

case = pytest.mark.case
requirement = pytest.mark.requirement

RATE = 6


@pytest.fixture(autouse=True)
def now(settings, monkeypatch):
    """The limit is on, and its clock stands still until a test moves it."""
    settings.GUESSES_PER_MINUTE = RATE
    at = [monotonic() + 3600.0]
    rates.unused(monkeypatch, lambda: at[0])
    return at


def by_code(tpp):
    return tpp.redeem("unknown")


def by_refresh_token(tpp):
    return tpp.refresh("unknown")


GUESSES = [by_code, by_refresh_token]


def is_slowed(response):
    refused(response, "temporarily_unavailable", status=429)
    return 1 <= int(response["Retry-After"]) <= 61


@case("PR-33")
@requirement("RFC6749-10.10")
@pytest.mark.parametrize("guess", GUESSES)
@pytest.mark.parametrize("then", GUESSES)
def test_the_seventh_of_a_minute_waits(tpp, guess, then):
    for _ in range(RATE):
        refused(guess(tpp), "invalid_grant")
    refused(guess(tpp), "invalid_grant")

    assert is_slowed(then(tpp))


@case("PR-33")
def test_being_told_to_wait_says_nothing_about_what_was_shown(tpp, granted, person):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    for _ in range(RATE + 1):
        tpp.redeem("unknown")

    answers = [tpp.redeem(code), tpp.redeem("unknown"), tpp.refresh(granted["refresh_token"])]

    assert all(is_slowed(each) for each in answers)
    assert len({each.content for each in answers}) == 1


@case("PR-33")
def test_it_ends_by_itself_and_the_code_is_still_good(tpp, person, now):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    for _ in range(RATE + 1):
        tpp.redeem("unknown")
    assert is_slowed(tpp.redeem(code))

    now[0] += 11

    assert tpp.redeem(code).status_code == 200


@case("PR-33")
def test_another_client_is_not_slowed(tpp, other_tpp, person):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    for _ in range(3 * RATE):
        last = other_tpp.redeem(code)

    assert is_slowed(last)
    assert tpp.redeem(code).status_code == 200


@case("PR-33")
def test_what_it_was_given_and_has_ended_is_no_guess(tpp, granted, person):
    tpp.revoke(granted["refresh_token"])
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    tpp.redeem(code)
    for _ in range(2 * RATE):
        refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")
        refused(tpp.redeem(code), "invalid_grant")


@case("PR-33")
def test_a_thousand_in_half_a_minute_are_slowed(tpp, now, settings):
    settings.GUESSES_PER_MINUTE = 60
    answers = []
    for _ in range(200):
        answers.append(tpp.redeem("unknown").status_code)
        now[0] += 0.03

    assert answers.count(400) <= 70
    assert answers.count(429) >= 130
