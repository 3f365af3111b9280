"""What operators are told is alive is what the endpoints would let through."""

import pytest

from authserver.backoffice import newest
from clients.models import Participant
from consents.models import Consent
from tests.operators.admin.start_page import next_step
from tests.support.operator import page

pytestmark = pytest.mark.case("LO-06", "CD-14", "CD-15")

# What was granted -> the token that it gave is of no use any more.
ENDS = {
    "the code was shown again": lambda tpp, operator, given: tpp.redeem(given["code"]),
    "the refresh token was revoked": lambda tpp, operator, given: tpp.revoke(
        given["refresh_token"]
    ),
    "it was revoked itself": lambda tpp, operator, given: tpp.revoke(given["access_token"]),
    "the person's place has ended": lambda tpp, operator, given: operator.presses(
        given["person"].enrolments.get(), "end"
    ),
}
# Whose page -> the row, what is pressed there, and what it says of one token and of none.
COUNTS = {
    "participant": (
        lambda tpp: tpp.client.participant,
        "suspend",
        ("tokens that are refused from now on: 1.", "tokens that are refused from now on: 0."),
    ),
    "client": (
        lambda tpp: tpp.client,
        "suspend",
        ("tokens that are refused from now on: 1.", "tokens that are refused from now on: 0."),
    ),
    "consent": (
        lambda tpp: Consent.objects.get(),
        "hold",
        ("live tokens that are refused: 1.", "live tokens that are refused: 0."),
    ),
}


@pytest.fixture
def given(tpp, person):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    return {**tpp.redeem(code).json(), "code": code, "person": person.user}


def told(operator, row, verb):
    return operator.get(page(type(row), "do", row.pk, verb)).content.decode()


def is_active(bank, given):
    return bank.introspect(given["access_token"]).json()["active"]


@pytest.mark.parametrize("whose", COUNTS)
@pytest.mark.parametrize("end", ENDS)
def test_a_token_counts_while_introspection_calls_it_active(operator, tpp, rs, given, end, whose):
    row_of, verb, (one, none) = COUNTS[whose]
    row = row_of(tpp)
    assert is_active(rs, given)
    assert one in told(operator, row, verb)

    ENDS[end](tpp, operator, given)

    assert not is_active(rs, given)
    assert none in told(operator, row, verb)


@pytest.mark.parametrize("stopped", ["client", "participant"])
def test_a_client_is_active_with_all_that_it_stands_on(boss, openfinance, tpp, stopped):
    assert "Active clients that are refused: 2." in told(boss, openfinance, "switch-off")

    boss.presses(tpp.client if stopped == "client" else tpp.client.participant, "suspend")

    assert "Active clients that are refused: 1." in told(boss, openfinance, "switch-off")


def test_nobody_may_call_an_ecosystem_that_is_switched_off(boss, openfinance, tpp):
    owner = tpp.client.participant
    assert "1 active client is refused at once." in told(boss, owner, "suspend")
    assert next_step(boss) is None

    boss.presses(openfinance, "switch-off")

    assert "No active clients are refused at once." in told(boss, owner, "suspend")
    assert next_step(boss) == 5
    assert Participant.objects.get(pk=owner.pk).state == "active"


def test_where_there_are_more_the_newest_are_counted(operator, openfinance, tpp, monkeypatch):
    for _ in range(4):
        tpp.token(grant_type="client_credentials", scope="accounts")
    assert "refused from now on: 4." in told(operator, tpp.client, "suspend")

    monkeypatch.setattr(newest, "MOST_LISTED", 3)

    assert "refused from now on: 3 of the newest 3, and there are older ones." in told(
        operator, tpp.client, "suspend"
    )
