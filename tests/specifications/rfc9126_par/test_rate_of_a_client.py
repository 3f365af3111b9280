"""One client that pushes fast is held to its rate as long as others are being answered."""

import os
import subprocess
import sys

import pytest

from authserver.audit.models import Refusal
from authserver.endpoints import rate_limit
from authserver.replay.models import UsedProof
from tests.support import rates
from tests.support.assertions import not_identified, nothing_stored, refused

pytestmark = [pytest.mark.case("PR-33"), pytest.mark.requirement("PAR-2.3")]

RATE = 4
AT_ONCE = int(RATE * rate_limit.BURST) + 1
TWO_PROCESSES = """
import os
import sys

from authserver.loading import load_django; load_django()
from django.urls import get_resolver; get_resolver().url_patterns
from authserver.protocol.errors import TooManyRequests

rate_limit = sys.modules["authserver.endpoints.rate_limit"]
if not os.fork():
    rate_limit.note_call("openfinance", "other")
    for _ in range(100):
        rate_limit.note_push("openfinance", "tpp")
    os._exit(0)
os.wait()
for name in ("other", "tpp"):
    try:
        rate_limit.throttle_pushes("openfinance", name)
        print(name, "may go on")
    except TooManyRequests:
        print(name, "has to wait")
"""


@pytest.fixture
def wait(settings, monkeypatch):
    """A rate, tables with nothing in them, and a clock that stands until it is told to go on."""
    settings.PUSHES_PER_SECOND = RATE
    now = [1000.0]

    def go_on(seconds):
        now[0] += seconds

    rates.unused(monkeypatch, lambda: now[0])
    return go_on


@pytest.fixture
def other(other_tpp):
    """Another client's push."""
    return lambda: other_tpp.push(redirect_uri="https://other.example.com/callback")


@pytest.fixture
def ahead(wait, tpp, other):
    """The client has used up its rate while another one calls."""
    assert other().status_code == 201
    assert [tpp.push().status_code for _ in range(AT_ONCE)] == [201] * AT_ONCE


@pytest.mark.case("PR-33")
def test_a_fast_client_is_told_to_wait_and_others_are_not(tpp, other, ahead):
    proofs = UsedProof.objects.count()
    with nothing_stored():
        response = tpp.push()

    refused(response, "temporarily_unavailable", status=429, about="[PAR-2.3]")
    assert response["Retry-After"] == "1"
    assert (UsedProof.objects.count(), Refusal.objects.count()) == (proofs, 0)
    assert other().status_code == 201


def test_after_its_wait_it_goes_on_at_its_rate(tpp, other, ahead, wait):
    assert tpp.push().status_code == 429
    wait(1)

    assert [tpp.push().status_code for _ in range(RATE + 1)] == [201] * RATE + [429]


def test_nothing_is_looked_up_for_it(tpp, ahead, django_assert_num_queries):
    form = tpp.authentication()
    with django_assert_num_queries(0):
        assert tpp.push(**form).status_code == 429


def test_an_assertion_that_had_to_wait_is_still_good(tpp, ahead, wait):
    assertion = tpp.authentication()
    assert tpp.push(**assertion).status_code == 429
    wait(1)

    assert tpp.push(**assertion).status_code == 201
    not_identified(tpp.push(**assertion))


def test_a_client_alone_is_not_held_to_it(tpp, wait):
    assert {tpp.push().status_code for _ in range(3 * AT_ONCE)} == {201}


def test_a_bank_that_introspects_is_nobody_to_wait_for(tpp, rs, wait):
    assert rs.introspect("unknown").json() == {"active": False}

    assert {tpp.push().status_code for _ in range(3 * AT_ONCE)} == {201}


def test_after_a_while_it_is_alone_again(tpp, ahead, wait):
    wait(rate_limit.PRESENT + 1)

    assert {tpp.push().status_code for _ in range(3 * AT_ONCE)} == {201}


def test_what_it_pushed_alone_costs_it_a_second_at_most(tpp, other, wait):
    for _ in range(10 * AT_ONCE):
        tpp.push()
    assert other().status_code == 201

    assert tpp.push().status_code == 429
    wait(rate_limit.DEBT)
    assert tpp.push().status_code == 201


def test_nobody_spends_the_rate_of_another(tpp, other, wait):
    assert other().status_code == 201
    for _ in range(3 * AT_ONCE):
        not_identified(tpp.push(assertion={"aud": "https://elsewhere.example.com"}))

    assert tpp.push().status_code == 201


@pytest.mark.parametrize("named", [{}, {"client_id": None}])
def test_its_assertion_or_its_client_id_names_it(tpp, ahead, named):
    assert tpp.push(**named).status_code == 429


def test_a_name_beside_the_assertion_does_not_help(tpp, ahead):
    not_identified(tpp.push(client_id="other"))


def test_nothing_else_is_held_to_it(tpp, person, other, wait):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    assert other().status_code == 201
    while tpp.push().status_code == 201:
        pass

    assert tpp.redeem(code).status_code == 200


def test_a_rate_of_nothing_is_no_limit(settings, tpp, other, wait):
    settings.PUSHES_PER_SECOND = 0
    assert other().status_code == 201

    assert {tpp.push().status_code for _ in range(3 * AT_ONCE)} == {201}


def test_all_processes_of_a_server_count_together():
    environment = os.environ | {"AUTHSERVER_PUSHES_PER_SECOND": str(RATE)}
    done = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES],
        env=environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == ["other may go on", "tpp has to wait"], done.stderr
