"""The journeys' authenticator: every code once, over runs, and no longer a wait than needed."""

import pytest

from deploy.demo.credentials import totp_code
from deploy.demo.one_time_codes import Authenticator

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START = 1_800_000_000.0  # the beginning of a step


class Clock:
    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def authenticator(tmp_path, clock):
    return Authenticator(path=tmp_path / "used.json", now=clock.now, sleep=clock.sleep)


def test_the_first_code_is_that_of_the_moment_and_needs_no_wait(authenticator, clock):
    assert authenticator.wait_for("noura") == 0
    assert authenticator.code("noura", secret=SECRET) == totp_code(SECRET, at=START)
    assert clock.time == START


def test_a_second_sign_in_takes_the_next_code_and_a_third_waits(authenticator, clock):
    codes = [authenticator.code("noura", secret=SECRET) for _ in range(3)]
    assert codes == [totp_code(SECRET, at=START + later) for later in (0, 30, 60)]
    assert clock.time == START + 30


def test_the_codes_of_one_person_do_not_use_up_those_of_another(authenticator):
    for person in ("noura", "jonas"):
        assert authenticator.code(person, secret=SECRET) == totp_code(SECRET, at=START)


def test_what_was_used_is_remembered_over_runs(authenticator, clock, tmp_path):
    first = authenticator.code("noura", secret=SECRET)
    again = Authenticator(path=tmp_path / "used.json", now=clock.now, sleep=clock.sleep)
    assert again.code("noura", secret=SECRET) != first


def test_after_a_while_the_code_of_the_moment_is_good_again(authenticator, clock):
    for _ in range(2):
        authenticator.code("noura", secret=SECRET)
    clock.time = START + 300
    assert authenticator.wait_for("noura") == 0
    assert authenticator.code("noura", secret=SECRET) == totp_code(SECRET, at=START + 300)
