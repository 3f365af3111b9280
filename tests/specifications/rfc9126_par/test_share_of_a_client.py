"""One client that pushes and never uses what it pushed is stopped; nobody else notices."""

import pytest
from django.core.exceptions import ValidationError

from authserver.audit.models import Refusal
from tests.support.assertions import nothing_stored, refused

case = pytest.mark.case
requirement = pytest.mark.requirement

SHARE = 3


@pytest.fixture
def flooded(tpp, openfinance):
    """The client, with all that it may have pushed and not used; the request_uris."""
    openfinance.pushed_requests_per_client = SHARE
    openfinance.save(update_fields=["pushed_requests_per_client"])
    return [tpp.push().json()["request_uri"] for _ in range(SHARE)]


@case("PR-33")
@requirement("PAR-2.3")
def test_a_client_that_uses_nothing_is_told_to_wait(tpp, other_tpp, flooded, at):
    theirs = {"redirect_uri": "https://other.example.com/callback"}
    with nothing_stored():
        response = tpp.push()

    refused(response, "temporarily_unavailable", status=429, about="[PAR-2.3]")
    assert 0 < int(response["Retry-After"]) <= 90
    assert Refusal.objects.get().seen == str(SHARE)
    assert other_tpp.push(**theirs).status_code == 201
    with at(seconds=int(response["Retry-After"])):
        assert tpp.push().status_code == 201


@case("PR-33")
def test_retry_after_says_when_there_is_room(tpp, openfinance, at):
    openfinance.pushed_requests_per_client = 2
    openfinance.save(update_fields=["pushed_requests_per_client"])
    tpp.push()
    with at(seconds=30):
        tpp.push()
    with at(seconds=40):
        wait = int(tpp.push()["Retry-After"])

    assert 0 < wait <= 50
    with at(seconds=40 + wait):
        assert tpp.push().status_code == 201
        assert tpp.push().status_code == 429


@case("PR-33")
def test_what_was_used_or_has_expired_makes_room(tpp, person, flooded, at):
    assert tpp.push().status_code == 429

    person.approves(tpp, flooded[0])
    assert tpp.push().status_code == 201
    assert tpp.push().status_code == 429
    with at(seconds=90):
        assert [tpp.push().status_code for _ in range(SHARE + 1)] == [201] * SHARE + [429]


@case("PR-33")
def test_a_refused_push_takes_no_room(tpp, openfinance):
    openfinance.pushed_requests_per_client = 1
    openfinance.save(update_fields=["pushed_requests_per_client"])

    assert [tpp.push(scope="beyond").status_code for _ in range(3)] == [400] * 3
    assert tpp.push().status_code == 201


def test_a_share_of_nothing_is_refused(openfinance):
    openfinance.pushed_requests_per_client = 0

    with pytest.raises(ValidationError) as refusal:
        openfinance.full_clean()

    assert set(refusal.value.message_dict) == {"pushed_requests_per_client"}
