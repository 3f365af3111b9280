"""My consents: a person sees their own, as they were approved, and can stop them at once."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client as Http
from django.utils import timezone

from authserver.audit.models import AuditEvent
from consents import actions
from consents.grant import Grant
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.person import Person

case = pytest.mark.case
requirement = pytest.mark.requirement

CHOSEN = {"accounts": [{"id": "acc-1", "name": "Everyday", "kind": "Savings", "last4": "7731"}]}


@pytest.fixture
def make(tpp, openfinance, person):
    """Make a consent of the person, or of another one, and bring it into a state."""

    def make(state=ConsentState.AUTHORIZED, *, user=None, client=None, **changes):
        now = timezone.now()
        made = Consent.objects.create(
            **{
                "ecosystem": openfinance,
                "client": (client or tpp).client,
                "user": user or person.user,
                "state": state,
                "authorization_details": [details.account_information(now=now)],
                "choices": CHOSEN,
                "authorized_at": now,
                "expires_at": now + timedelta(days=90),
            }
            | changes
        )
        return made

    return make


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def cards(response):
    return re.findall(r'id="consent-card-([0-9a-f-]{36})"', response.content.decode())


def ids(*consents):
    return [str(each.pk) for each in consents]


def test_an_empty_list_explains_itself(person):
    page = person.browser.get("/consents/")

    assert page.status_code == 200
    assert b'id="nothing-here"' in page.content
    assert "You share nothing" in text_of(page)


@requirement("CBUAE-2.4c")
def test_current_ones_and_past_ones_are_apart(person, make):
    active, held = make(), make(ConsentState.SUSPENDED)
    past = [
        make(state)
        for state in (
            ConsentState.REJECTED,
            ConsentState.CONSUMED,
            ConsentState.EXPIRED,
            ConsentState.REVOKED,
        )
    ]
    over = make(expires_at=timezone.now() - timedelta(days=1))

    assert cards(person.browser.get("/consents/")) == ids(active, held)
    history = person.browser.get("/consents/?show=history")
    assert set(cards(history)) == set(ids(*past, over))
    for word in ("Not given", "Used", "Ended", "Stopped"):
        assert word in text_of(history)


def test_a_card_says_who_what_and_until_when(still, person, make):
    noon = timezone.now().replace(hour=12) + timedelta(days=90)  # what ends at midnight ends before
    make(expires_at=noon)

    shown = text_of(person.browser.get("/consents/"))

    for text in ("Tpp", "Account information", "Everyday", "Active", "not that we know of"):
        assert text in shown
    assert f"Until{noon.day} {noon:%B %Y}" in shown


def test_the_list_can_be_narrowed_to_one_company(person, make, other_tpp):
    ours, theirs = make(), make(client=other_tpp)
    wanted = theirs.client.participant_id

    assert set(cards(person.browser.get("/consents/"))) == set(ids(ours, theirs))
    assert cards(person.browser.get(f"/consents/?company={wanted}")) == ids(theirs)
    for nonsense in ("", "x", "0", "9" * 30, "-1", "\u0661"):
        assert len(cards(person.browser.get(f"/consents/?company={nonsense}"))) == 2


def test_a_long_list_has_pages(person, make):
    for _ in range(13):
        make()

    first, second = (cards(person.browser.get(f"/consents/?page={n}")) for n in (1, 2))

    assert (len(first), len(second)) == (10, 3)
    assert not set(first) & set(second)
    assert cards(person.browser.get("/consents/?page=nonsense")) == first


@case("LG-23", "IR-13")
def test_another_persons_consent_does_not_exist(person, make, openfinance):
    own, theirs = make(), make(user=world.person("other", openfinance))
    unknown = uuid.uuid4()

    assert cards(person.browser.get("/consents/")) == ids(own)
    for path in ("", "/receipt", "/revoke"):
        assert person.browser.get(f"/consents/{own.pk}{path}").status_code == 200
        refusals = [
            call(f"/consents/{pk}{path}")
            for pk in (theirs.pk, unknown, 1)
            for call in (person.browser.get, person.browser.head)
        ]
        assert {response.status_code for response in refusals} == {404}
    one, other = (
        person.browser.post(f"/consents/{pk}/revoke", {"revoke": "yes"})
        for pk in (theirs.pk, unknown)
    )
    assert (one.status_code, other.status_code) == (404, 404)
    assert str(theirs.pk) not in one.content.decode()
    for verb in ("put", "patch", "delete"):
        answer = getattr(person.browser, verb)(f"/consents/{theirs.pk}")
        assert answer.status_code == 405
    theirs.refresh_from_db()
    assert theirs.state == ConsentState.AUTHORIZED
    assert not AuditEvent.objects.filter(event="consent.revoked").exists()
    assert person.browser.post(f"/consents/{own.pk}/revoke").status_code == 303


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize("page", ["", "/receipt"])
def test_the_detail_is_what_was_approved(person, make, page):
    consent = make()

    shown = text_of(person.browser.get(f"/consents/{consent.pk}{page}"))

    for text in (
        "Tpp Limited",
        "12345",
        "See the balance of each account",
        "read_balances",
        "Everyday",
        "To plan your month",
        "(90 days)",
        str(consent.pk),
    ):
        assert text in shown


@requirement("CBUAE-2.4c")
def test_the_detail_tells_what_happened_and_by_whom(tpp, person, openfinance):
    now = timezone.now()
    consent = actions.approve_scopes(
        client=tpp.client,
        user=person.user,
        ecosystem=openfinance,
        asked=Grant(scope=("openid",), until=now + timedelta(days=90)),
        now=now,
    )
    actions.suspend(consent, by="clerk-7", now=now)
    actions.resume(consent, by="clerk-7", now=now)
    actions.revoke(consent, by="tpp", now=now)

    shown = text_of(person.browser.get(f"/consents/{consent.pk}"))

    told = [
        "You agreed",
        "Openfinance put it on hold",
        "Openfinance took it back",
        "Tpp stopped it",
    ]
    places = [shown.rindex(text) for text in told]
    assert places == sorted(places)
    assert "clerk-7" not in shown
    assert 'id="consent-revoke"' not in shown


@case("TK-17")
@requirement("CBUAE-2.4c")
def test_what_the_clock_has_ended_is_shown_as_ended(person, make):
    over = make(expires_at=timezone.now() - timedelta(minutes=1))

    page = person.browser.get(f"/consents/{over.pk}")

    assert "Its time was over" in text_of(page)
    assert b'id="consent-revoke"' not in page.content
    assert person.browser.post(f"/consents/{over.pk}/revoke").status_code == 303
    over.refresh_from_db()
    assert over.state == ConsentState.AUTHORIZED


@case("LG-23")
@requirement("CBUAE-2.4c")
def test_stopping_asks_once_and_is_done_at_once(person, make):
    consent = make()
    path = f"/consents/{consent.pk}/revoke"

    question = person.browser.get(path)
    assert b'id="consent-revoke-confirm"' in question.content
    assert "What does not end" in text_of(question)
    consent.refresh_from_db()
    assert consent.state == ConsentState.AUTHORIZED

    done = person.browser.post(path)
    assert (done.status_code, done["Location"]) == (303, f"/consents/{consent.pk}")
    consent.refresh_from_db()
    assert (consent.state, consent.ended_by) == (ConsentState.REVOKED, "person")
    assert "Stopped" in text_of(person.browser.get(done["Location"]))
    assert AuditEvent.objects.filter(event="consent.revoked", actor="mariam").count() == 1

    assert person.browser.post(path).status_code == 303
    assert AuditEvent.objects.filter(event="consent.revoked").count() == 1


@case("AZ-14")
def test_stopping_needs_the_forms_token(person, make):
    consent = make()
    strict = Http(enforce_csrf_checks=True)
    strict.cookies = person.browser.cookies

    assert strict.post(f"/consents/{consent.pk}/revoke", secure=True).status_code == 403
    consent.refresh_from_db()
    assert consent.state == ConsentState.AUTHORIZED


@case("TK-09")
@requirement("CBUAE-2.4c")
def test_stopping_kills_the_tokens_at_once(tpp, rs, person, granted):
    consent = Consent.objects.get()
    assert rs.introspect(granted["access_token"]).json()["active"]

    person.browser.post(f"/consents/{consent.pk}/revoke")

    assert rs.introspect(granted["access_token"]).json() == {"active": False}
    assert tpp.refresh(granted["refresh_token"]).json()["error"] == "invalid_grant"


@case("LG-07")
def test_the_pages_are_for_who_signed_in_as_strongly_as_their_ecosystem_wants(make, person):
    consent = make()
    paths = ["/consents/", f"/consents/{consent.pk}", f"/consents/{consent.pk}/revoke"]
    stranger = Person(person.user, Http())

    for path in paths:
        response = stranger.browser.get(path)
        assert response.status_code == 303
        assert response["Location"].startswith("/accounts/")
    stranger.sign_in(factors=1)
    for path in paths:
        assert stranger.browser.get(path).status_code == 303
    assert stranger.browser.post(paths[2]).status_code == 303
    consent.refresh_from_db()
    assert consent.state == ConsentState.AUTHORIZED


def test_a_type_that_has_gone_is_still_shown(person, make):
    consent = make(authorization_details=[{"type": "gone:v0", "member": "value-of-then"}])

    for path in ("/consents/", f"/consents/{consent.pk}"):
        page = person.browser.get(path)
        assert page.status_code == 200
        assert "gone:v0" in text_of(page)
    assert "value-of-then" in text_of(page)
    assert person.browser.post(f"/consents/{consent.pk}/revoke").status_code == 303


@case("AZ-23")
def test_the_pages_are_kept_by_nobody_and_their_forms_can_be_sent(person, make):
    consent = make()

    for path in ("/consents/", f"/consents/{consent.pk}/revoke"):
        page = person.browser.get(path)
        assert "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "same-origin"
