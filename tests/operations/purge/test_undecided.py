"""What a client asked for and no person ever decided goes; what was decided stays for good."""

import json

import pytest
from django.utils import timezone

from authserver.audit.models import AuditEvent
from authserver.tokens import purge
from authserver.tokens.models import AuthorizationTransaction, PushedRequest
from consents.actions import discard, revoke
from consents.models import Consent
from tests.support import details
from tests.support.bank import Bank
from tests.support.person import answer_in
from tests.support.purging import purged

pytestmark = pytest.mark.case("PR-33")

CONSENT = "consents_consent"


@pytest.fixture(autouse=True)
def accounts(monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)


def pushed(tpp):
    """Push a request that stages a consent; return its request_uri."""
    wanted = [details.account_information(now=timezone.now())]
    response = tpp.push(authorization_details=json.dumps(wanted))
    assert response.status_code == 201, response.content
    return response.json()["request_uri"]


def discarded():
    return AuditEvent.objects.filter(event="consent.discarded")


def test_it_goes_with_the_request_that_nobody_opened(tpp):
    pushed(tpp)
    staged = Consent.objects.get()
    assert staged.state == "AwaitingAuthorization"
    assert purged(minutes=59) == {}

    gone = purged(hours=2)

    assert (gone[CONSENT], gone["tokens_pushedrequest"]) == (1, 1)
    assert not Consent.objects.exists()
    event = discarded().get()
    assert (event.actor, event.client_id, event.ecosystem) == ("system", "tpp", "openfinance")
    assert event.subject == str(staged.pk)
    assert AuditEvent.objects.filter(event="consent.staged", subject=str(staged.pk)).exists()


def test_it_goes_with_the_visit_that_was_broken_off(tpp, person):
    person.opens(tpp, pushed(tpp))
    assert AuthorizationTransaction.objects.get().pushed_request.consent == Consent.objects.get()

    gone = purged(hours=2)

    assert (gone[CONSENT], gone["tokens_authorizationtransaction"]) == (1, 1)
    assert not Consent.objects.exists()


def test_it_stays_while_a_person_can_still_approve_it(tpp, person):
    """The ages of the rows are turned round: an old consent, and a visit that is still open."""
    page = person.opens(tpp, pushed(tpp))
    Consent.objects.update(created_at=timezone.now() - 3 * purge.MARGIN)
    PushedRequest.objects.update(expires_at=timezone.now() - 2 * purge.MARGIN)

    assert purged() == {}
    code = answer_in(person.decides(page))["code"]
    assert tpp.redeem(code).status_code == 200
    assert Consent.objects.get().state == "Authorized"


def test_it_stays_while_its_request_can_still_be_opened(tpp, person):
    request_uri = pushed(tpp)
    Consent.objects.update(created_at=timezone.now() - 3 * purge.MARGIN)

    assert purged() == {}
    assert b'id="error-page"' not in person.opens(tpp, request_uri).content


@pytest.mark.parametrize(("approve", "state"), [(True, "Authorized"), (False, "Rejected")])
def test_what_was_decided_stays(tpp, person, approve, state):
    person.decides(person.opens(tpp, pushed(tpp)), approve=approve)
    decided = Consent.objects.get()
    assert decided.state == state

    for days in (1, 400, 4000):
        assert CONSENT not in purged(days=days)

    assert Consent.objects.get() == decided
    assert not discarded().exists()


def test_one_that_the_client_took_back_is_decided(tpp):
    pushed(tpp)
    revoke(Consent.objects.get(), by="tpp", now=timezone.now())

    assert CONSENT not in purged(days=4000)
    assert Consent.objects.get().state == "Revoked"


def test_only_undecided_ones_can_be_discarded(tpp, person):
    person.approves(tpp, tpp.push().json()["request_uri"])
    authorized = Consent.objects.get()

    discard([authorized.pk])

    assert Consent.objects.get() == authorized
    assert not discarded().exists()


def test_many_go_in_batches_each_with_its_event(tpp, monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _ in range(5):
        pushed(tpp)

    assert purged(hours=2)[CONSENT] == 5
    assert discarded().count() == 5


def test_a_request_uri_of_before_gives_nothing_afterwards(tpp, person):
    request_uri = pushed(tpp)
    purged(hours=2)

    page = person.opens(tpp, request_uri)
    assert page.status_code == 400
    assert b'id="error-page"' in page.content
