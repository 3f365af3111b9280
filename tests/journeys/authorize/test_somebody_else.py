"""Who is signed in is on every page of a journey, with a way for somebody else to answer it."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client as Http
from django.utils import timezone

from authserver.accounts import actions
from authserver.audit.models import AuditEvent
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.authenticator_app import App
from tests.support.bank import Bank
from tests.support.clock import at
from tests.support.guest import Guest
from tests.support.person import Person, answer_in, decision_on

case = pytest.mark.case

Decision = AuthorizationTransaction.Decision


@pytest.fixture(autouse=True)
def the_bank(monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)


@pytest.fixture
def other(openfinance, person):
    """Another person of the ecosystem, who uses the same browser."""
    made = world.person("omar", openfinance)
    made.display_name = "Omar Nasser"
    made.save()
    return Person(made, person.browser)


@pytest.fixture
def review(tpp, person):
    detail = details.account_information(now=timezone.now())
    pushed = tpp.push(authorization_details=json.dumps([detail])).json()["request_uri"]
    page = person.opens(tpp, pushed)
    return person.follow(person.browser.post(page.request["PATH_INFO"], {"accounts": ["acc-1"]}))


def begun():
    return AuthorizationTransaction.objects.get()


def leave(browser):
    return browser.post(f"/openfinance/authorize/{begun().handle}/somebody-else")


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.content.decode()))


@case("AZ-17")
@pytest.mark.parametrize(
    "path",
    ["/openfinance/consent/{}", "/openfinance/consent/{}/accounts", "/consents/", "/accounts/"],
)
def test_who_is_signed_in_is_said_with_a_way_to_change(person, review, path):
    page = person.browser.get(path.format(begun().handle))

    assert page.status_code == 200
    assert "Signed in as Mariam Haddad (mariam)" in text_of(page)
    assert b'id="somebody-else"' in page.content


@case("AZ-17", "LG-03")
def test_a_password_alone_is_told_no_name(tpp, openfinance):
    user = world.person("mariam", openfinance)
    actions.add_second_factor(user, secret=App.secret, by="test")
    visitor = Person(user, Http())
    sign_in = visitor.opens(tpp, tpp.push().json()["request_uri"])
    assert b'id="somebody-else"' not in sign_in.content
    going_to = f"/openfinance/authorize/{begun().handle}"
    page = visitor.follow(Guest(visitor.browser).enters_password("mariam", going_to=going_to))

    assert page.request["PATH_INFO"].endswith("/enter/")
    assert "Signing in as mariam" in text_of(page)
    assert "Mariam Haddad" not in text_of(page)
    assert visitor.follow(leave(visitor.browser)).request["PATH_INFO"] == "/accounts/login/"
    again = visitor.browser.get("/accounts/second-factor/enter/")
    assert again["Location"].startswith("/accounts/login/")


@case("AZ-17")
def test_somebody_else_signs_in_chooses_anew_and_answers(tpp, person, other, review):
    sign_in = person.follow(leave(person.browser))

    assert sign_in.request["PATH_INFO"] == "/accounts/login/"
    assert b"<bdi>Tpp</bdi> sent you" in sign_in.content
    assert (begun().user, begun().choices) == (None, {})
    assert AuditEvent.objects.filter(event="login.ended", actor="mariam").exists()
    assert person.browser.get("/consents/").status_code == 303

    other.sign_in()
    page = other.follow(other.browser.get(f"/openfinance/authorize/{begun().handle}"))
    assert page.request["PATH_INFO"].endswith("/accounts")
    assert "Signed in as Omar Nasser (omar)" in text_of(page)
    assert "checked" not in page.content.decode()
    assert "code" in answer_in(other.decides(page, accounts=["acc-2"]))
    consent = Consent.objects.get()
    assert consent.user == other.user
    assert [each["id"] for each in consent.choices["accounts"]] == ["acc-2"]


@case("AZ-17", "AZ-18")
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/openfinance/consent/{}", decision_on),
        ("/openfinance/consent/{}/accounts", {"accounts": ["acc-1"]}),
        ("/openfinance/consent/{}/time", {"accounts": ["acc-1"]}),
    ],
)
def test_a_form_in_flight_of_the_first_person_changes_nothing_for_the_second(
    tpp, person, other, review, monkeypatch, path, form
):
    """The row is given up between the look at it and the write."""
    handle = begun().handle
    genuine = AuthorizationTransaction.objects.of_browser
    kept = genuine(handle, slug="openfinance", browser_digest=begun().browser_digest)
    form = form(review) if callable(form) else form
    leave(person.browser)
    person.sign_in()
    with monkeypatch.context() as patched:
        patched.setattr(type(AuthorizationTransaction.objects), "of_browser", lambda *_, **__: kept)
        person.browser.post(path.format(handle), form)
    assert (begun().user, begun().decision, begun().choices) == (None, "", {})

    person.browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    other.sign_in()
    page = other.follow(other.browser.get(f"/openfinance/authorize/{handle}"))
    assert page.request["PATH_INFO"].endswith("/accounts")
    assert not AuthorizationCode.objects.exists()


@case("AZ-18", "AZ-19")
@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_what_is_decided_is_given_up_by_nobody(tpp, person, review, decision):
    decided = person.browser.post(review.request["PATH_INFO"], decision_on(review, decision))
    leave(person.browser)

    assert begun().user == person.user
    assert begun().decision == (Decision.APPROVED if decision == "approve" else Decision.REFUSED)
    answer = answer_in(person.follow(decided))
    assert ("code" in answer) is (decision == "approve")
    page = person.follow(leave(person.browser))
    assert b'id="finished"' in page.content
    assert person.browser.get("/consents/").status_code == 200


@case("AZ-13", "AZ-14")
def test_only_its_own_browser_and_page_can_give_it_up(tpp, person, review, openfinance):
    before = (begun().user, begun().choices)
    thief = Person(world.person("thief", openfinance), Http())
    thief.sign_in()
    strict = Http(enforce_csrf_checks=True)
    strict.cookies = person.browser.cookies
    path = f"/openfinance/authorize/{begun().handle}/somebody-else"

    assert thief.follow(thief.browser.post(path)).status_code == 400
    assert thief.browser.get("/consents/").status_code == 200
    assert strict.post(path, secure=True).status_code == 403
    assert person.browser.get(path).status_code == 405
    elsewhere = person.browser.post(path.replace("openfinance", "uae"))
    assert person.follow(elsewhere).status_code == 404
    assert (begun().user, begun().choices) == before
    assert person.browser.get("/consents/").status_code == 200


@case("AZ-33")
def test_after_its_time_it_is_over_for_everybody(tpp, person, review):
    with at(minutes=11):
        page = person.follow(leave(person.browser))

    assert b'id="ended"' in page.content
    assert Consent.objects.get().state == ConsentState.REJECTED


@case("AZ-17")
def test_who_meets_anothers_request_signs_in_again_or_cancels(tpp, person, other, review):
    other.sign_in()
    page = other.browser.get(review.request["PATH_INFO"])

    assert page.status_code == 403
    assert b'id="somebody-else"' in page.content
    assert b'id="journey-cancel"' in page.content
    assert "chooses anew" in text_of(page)
    assert other.follow(leave(other.browser)).request["PATH_INFO"] == "/accounts/login/"
    assert begun().choices == {}


@case("LG-18")
def test_my_consents_are_left_to_somebody_else(person):
    page = person.browser.get("/consents/")
    form = re.search(
        r'action="([^"]+)">\s*<input[^>]*>\s*<input type="hidden" name="next" value="([^"]+)">\s*'
        r'<button[^>]*id="somebody-else"',
        page.content.decode(),
    )
    assert form

    signed_out = person.browser.post(form[1], {"next": form[2]})

    assert (signed_out.status_code, signed_out["Location"]) == (303, "/accounts/login/")
    assert person.browser.get("/consents/").status_code == 303
