"""A check that breaks refuses: an exception that nobody expected never lets a request through."""

import pytest
from django.utils import timezone

from authserver.tokens.models import AccessToken
from authserver.web.middleware import SecurityHeaders
from tests.operations.faults.checks import Unexpected, failing, failing_afterwards, name_of, noted
from tests.operations.faults.conftest import DOORS, PEOPLE
from tests.operations.faults.state import changed_since, rehearsed, stored

case = pytest.mark.case
requirement = pytest.mark.requirement

# It is called when the browser's way through the request has been stored: no answer, no harm.
AFTERWARDS = {"authserver.interaction.hints.language"}
USED_UP = {"redeem", "redeem by DPoP"}  # given once: a second request finds a used code


@case("ER-08")
@DOORS
def test_a_check_that_breaks_lets_nothing_through(visit, door):
    rehearsed(visit)  # what is read once and then remembered is asked here, and not again
    with noted() as called:
        valid = rehearsed(visit).response
    assert valid.status_code < 400, valid.content
    checks = [check for check in called if name_of(check) not in AFTERWARDS]
    assert len(checks) >= 10
    before = stored()

    let_through = []
    for check in checks:
        with failing(check):
            response = visit()
        if response.status_code < 400 or changed_since(before) or gives_something(response):
            let_through.append(name_of(check))
    assert let_through == []
    assert visit().status_code == valid.status_code, "the request was not valid to the end"


def gives_something(response):
    """True unless the answer is a page without a way on, or an error and its sentence."""
    if response["Content-Type"] == "application/json":
        return not set(response.json()) <= {"error", "error_description"}
    return "Location" in response or b'id="error-page"' not in response.content


@case("ER-07")
@DOORS
def test_an_answer_that_is_lost_leaves_what_can_be_asked_again(visit, door):
    """The change is stored, the answer is not sent: it may be repeated, and is made once."""
    expected = rehearsed(visit)
    before = stored()

    with failing_afterwards(SecurityHeaders.__call__):
        lost = visit()
    assert lost.status_code == 500
    assert not gives_something(lost)
    assert changed_since(before) == expected.changed, "all of it, or it was not lost"
    after = stored()
    again = visit()

    if door in USED_UP:
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    else:
        assert again.status_code == expected.response.status_code
    assert door not in PEOPLE or b"code=" not in again.content
    assert door not in ("revoke", "approve", "open") or not changed_since(after), "twice"


@case("ER-07")
@requirement("RFC6749-4.1.2")
@pytest.mark.parametrize("door", ["redeem"])
def test_tokens_of_an_answer_that_was_lost_end_with_the_next_try(visit, tpp, rs, person):
    """At most once: the client begins anew, and what nobody has got is worth nothing."""
    with failing_afterwards(SecurityHeaders.__call__):
        visit()
    assert visit().json()["error"] == "invalid_grant"

    assert not AccessToken.objects.alive(now=timezone.now()).exists()
    request_uri = tpp.push().json()["request_uri"]
    assert tpp.redeem(person.approves(tpp, request_uri)["code"]).status_code == 200
    assert AccessToken.objects.alive(now=timezone.now()).count() == 1


@case("ER-07")
@pytest.mark.parametrize(
    ("door", "answer"), [("resume", "code="), ("resume a refusal", "error=access_denied")]
)
@pytest.mark.parametrize(
    "broken",
    [("authorize.answer_url", "refusing.answer_url"), ("front_channel.render",)],
    ids=["the address", "the page"],
)
def test_an_answer_that_cannot_be_written_is_not_lost(visit, answer, broken, monkeypatch):
    """A code is issued together with the answer that carries it: the page can be loaded again."""
    before = stored()

    with monkeypatch.context() as patch:
        for each in broken:
            patch.setattr(f"authserver.endpoints.{each}", raises)
        assert visit().status_code == 500
    assert not changed_since(before)
    assert answer in visit().content.decode()


def raises(*args, **kwargs):
    raise Unexpected
