"""The end of a journey answers its client: its page names the client, and leads back.

After its time, cancelled, refused, or with an account that is none of the ecosystem's: whoever
holds the browser that began it is told, and nobody else.
"""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client as Http
from django.urls import reverse
from django.utils import timezone

from authserver.accounts import actions
from authserver.audit.models import AuditEvent, Refusal
from authserver.protocol import jose
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction, PushedRequest
from authserver.tokens.purge import MARGIN, purge
from clients.models import State
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.assertions import a_page_without_redirect
from tests.support.authenticator_app import App
from tests.support.bank import Bank
from tests.support.clock import at
from tests.support.guest import Guest
from tests.support.person import Person, answer_in, answer_url, decision_on
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture(autouse=True)
def the_bank(monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)


@pytest.fixture
def visitor(openfinance):
    """Mariam, not signed in, with an authenticator app."""
    user = world.person("mariam", openfinance)
    actions.add_second_factor(user, secret=App.secret, by="test")
    return Person(user, Http())


def accounts_wanted(tpp, **changes):
    detail = details.account_information(now=timezone.now())
    return tpp.push(authorization_details=json.dumps([detail]), **changes).json()["request_uri"]


def at_sign_in(tpp, visitor):
    return visitor.opens(tpp, accounts_wanted(tpp))


def at_second_factor(tpp, visitor):
    page = at_sign_in(tpp, visitor)
    going_to = re.search(r'name="next" value="([^"]+)"', page.content.decode())
    assert going_to
    return visitor.follow(Guest(visitor.browser).enters_password("mariam", going_to=going_to[1]))


def at_accounts(tpp, visitor):
    visitor.sign_in()
    return at_sign_in(tpp, visitor)


def at_review(tpp, visitor):
    page = at_accounts(tpp, visitor)
    chosen = {"accounts": ["acc-1"]}
    return visitor.follow(visitor.browser.post(page.request["PATH_INFO"], chosen))


PLACES = {
    "sign in": (at_sign_in, "/accounts/login/"),
    "second factor": (at_second_factor, "/accounts/second-factor/enter/"),
    "accounts": (at_accounts, "/accounts"),
    "review": (at_review, ""),
}
every_place = pytest.mark.parametrize(("way", "path"), PLACES.values(), ids=PLACES)
FORMS = {
    "sign in": {"login": "mariam", "password": "correct horse"},
    "second factor": {"code": "000000"},
    "accounts": {"accounts": ["acc-1"]},
    "review": {"decision": "approve"},
    "time": {},
    "cancel": {},
}


def handle():
    return AuthorizationTransaction.objects.get().handle


def sign_in_again(person, **how):
    """After a pause that ended the session."""
    person.browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    person.sign_in(**how)


def address(page):
    return f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}".rstrip("?")


def require_the_end(page, *, ended_by="system"):
    """The page after its time: it names the client, and leads back with error, state and iss."""
    assert page.status_code == 200, (page.status_code, page.content)
    shown = page.content.decode()
    assert 'id="ended"' in shown
    assert "Go back to <bdi>Tpp</bdi>" in shown
    assert "Nothing was shared and nothing was paid." in shown
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert answer_url(page).startswith(VALID_REQUEST["redirect_uri"])
    answer = answer_in(page)
    assert answer == {
        "error": "access_denied",
        "error_description": "the time of the person was over [RFC6749-4.1.2.1]",
        "state": VALID_REQUEST["state"],
        "iss": "https://as.example.com/openfinance",
    }
    consent = Consent.objects.get()
    assert (consent.state, consent.ended_by) == (ConsentState.REJECTED, ended_by)
    assert not AuthorizationCode.objects.exists()


@case("AZ-33")
@requirement("RFC6749-4.1.2.1")
@every_place
@pytest.mark.parametrize("form", [None, *FORMS])
def test_after_its_time_every_page_and_form_answers_the_client(tpp, visitor, way, path, form):
    """Each place that the person may have come to, and each form that may still be open."""
    page = way(tpp, visitor)
    assert page.status_code == 200
    assert page.request["PATH_INFO"].endswith(path)
    begun = f"/openfinance/consent/{handle()}"
    forms = {
        "sign in": f"/accounts/login/?{urlencode({'next': f'/openfinance/authorize/{handle()}'})}",
        "second factor": f"/accounts/second-factor/enter/?next=/openfinance/authorize/{handle()}",
        "accounts": f"{begun}/accounts",
        "review": begun,
        "time": f"{begun}/time",
        "cancel": f"/openfinance/authorize/{handle()}/cancel",
    }

    with at(minutes=10, seconds=1):
        if form is None:
            over = visitor.browser.get(address(page))
        else:
            over = visitor.browser.post(forms[form], FORMS[form])
        require_the_end(visitor.follow(over))
        again = visitor.browser.get(f"/openfinance/authorize/{handle()}")
        require_the_end(again)
    assert AuditEvent.objects.filter(event="consent.rejected", actor="system").count() == 1


@case("AZ-33")
@every_place
def test_within_its_time_the_same_page_is_itself(tpp, visitor, way, path):
    page = way(tpp, visitor)

    with at(minutes=4):
        same = visitor.follow(visitor.browser.get(address(page)))
        assert same.request["PATH_INFO"] == page.request["PATH_INFO"]
        assert b'id="ended"' not in same.content
    assert Consent.objects.get().state == ConsentState.AWAITING


@case("AZ-33")
@requirement("PAR-7.3")
def test_the_link_of_the_client_leads_to_the_end_too(tpp, visitor):
    request_uri = accounts_wanted(tpp)
    visitor.opens(tpp, request_uri)

    with at(minutes=11):
        require_the_end(visitor.opens(tpp, request_uri))
        require_the_end(visitor.opens(tpp, request_uri))
        stranger = Person(visitor.user, Http())
        a_page_without_redirect(stranger.opens(tpp, request_uri))


@case("AZ-13")
@pytest.mark.parametrize("cookies", ["another browser's", "none"])
def test_to_every_other_browser_there_is_no_such_request(tpp, visitor, cookies):
    at_review(tpp, visitor)
    stranger = Person(visitor.user, Http())
    stranger.sign_in()
    if cookies != "none":
        stranger.opens(tpp, accounts_wanted(tpp, state="another"))
    begun = AuthorizationTransaction.objects.order_by("pk").first()
    assert begun is not None

    with at(minutes=11):
        for path, status in (
            ("consent/{}", 404),
            ("consent/{}/accounts", 404),
            ("authorize/{}", 400),
        ):
            page = stranger.browser.get(f"/openfinance/{path.format(begun.handle)}")
            a_page_without_redirect(page, status=status)
            assert b"Tpp" not in page.content
        a_page_without_redirect(
            stranger.follow(stranger.browser.post(f"/openfinance/authorize/{begun.handle}/cancel"))
        )
    begun.refresh_from_db()
    assert begun.completed_at is None
    assert set(Consent.objects.values_list("state", flat=True)) == {"AwaitingAuthorization"}


@requirement("JARM-4")
def test_after_its_time_a_client_of_signed_answers_gets_one(tpp, visitor):
    tpp.client.authorization_response_mode = "jwt"
    tpp.client.save()
    page = visitor.opens(tpp, accounts_wanted(tpp, response_mode="jwt"))

    with at(minutes=11):
        answer = answer_in(visitor.browser.get(f"/openfinance/authorize/{handle()}"))

    assert page.status_code == 200
    assert set(answer) == {"response"}
    claims = json.loads(jose.base64url.decode(answer["response"].split(".")[1]))
    assert claims["aud"] == tpp.client_id
    assert (claims["error"], claims["state"]) == ("access_denied", VALID_REQUEST["state"])


@case("AZ-33")
@requirement("RFC6749-3.1.2")
def test_nobody_is_sent_to_a_redirect_uri_that_was_taken_back(tpp, visitor):
    at_review(tpp, visitor)
    tpp.client.redirect_uris = "https://tpp.example.com/new"
    tpp.client.save()

    with at(minutes=11):
        page = visitor.browser.get(f"/openfinance/authorize/{handle()}")

    assert page.status_code == 200
    assert b'id="ended"' in page.content
    assert b"<bdi>Tpp</bdi>" in page.content
    assert b"return-link" not in page.content
    assert b"https://tpp.example.com" not in page.content
    assert Consent.objects.get().state == ConsentState.REJECTED


@case("AZ-33")
def test_a_client_that_was_suspended_is_answered_by_nobody(tpp, visitor):
    at_review(tpp, visitor)
    type(tpp.client).objects.filter(pk=tpp.client.pk).update(state=State.SUSPENDED)

    with at(minutes=11):
        a_page_without_redirect(visitor.browser.get(f"/openfinance/authorize/{handle()}"))


@case("AZ-33")
def test_a_browser_whose_time_is_over_does_not_answer_for_another(tpp, visitor, openfinance):
    """The same link, opened on a telephone while the desk's time runs out."""
    tpp.ecosystem.request_uri_seconds = 599
    tpp.ecosystem.save()
    request_uri = accounts_wanted(tpp)
    visitor.opens(tpp, request_uri)
    desk = AuthorizationTransaction.objects.get().handle
    telephone = Person(visitor.user, Http())
    with at(minutes=5):
        telephone.sign_in()
        page = telephone.opens(tpp, request_uri)

    with at(minutes=11):
        over = visitor.browser.get(f"/openfinance/authorize/{desk}")
        assert b'id="ended"' in over.content
        assert b"return-link" not in over.content
        assert Consent.objects.get().state == ConsentState.AWAITING
        sign_in_again(telephone)
        assert "code" in answer_in(telephone.decides(page))
        over = visitor.browser.get(f"/openfinance/authorize/{desk}")
        assert b"return-link" not in over.content
    assert Consent.objects.get().state == ConsentState.AUTHORIZED


@case("AZ-19")
@pytest.mark.parametrize("minutes", [1, 11, 59])
def test_what_was_answered_in_time_stays_answered(tpp, visitor, minutes):
    answer = visitor.decides(at_accounts(tpp, visitor))
    assert "code" in answer_in(answer)

    with at(minutes=minutes):
        for place in (f"authorize/{handle()}", f"consent/{handle()}"):
            page = visitor.follow(visitor.browser.get(f"/openfinance/{place}"))
            assert page.status_code == 200
            assert b'id="finished"' in page.content
            assert b"<bdi>Tpp</bdi>" in page.content
            assert b"return-link" not in page.content
    assert Consent.objects.get().state == ConsentState.AUTHORIZED


@case("AZ-18", "AZ-33")
def test_an_approval_whose_answer_was_not_fetched_in_time_gives_no_code(tpp, visitor):
    page = at_review(tpp, visitor)
    approved = visitor.browser.post(page.request["PATH_INFO"], decision_on(page))
    assert approved.status_code == 303

    with at(minutes=11):
        require_the_end(visitor.follow(approved))


@case("AZ-20")
@every_place
def test_whoever_cancels_goes_back_to_the_client(tpp, visitor, way, path):
    """It is the person's refusal only where they are signed in."""
    way(tpp, visitor)
    cancelled = visitor.browser.post(f"/openfinance/authorize/{handle()}/cancel")
    answer = answer_in(visitor.follow(cancelled))

    assert (answer["error"], answer["state"]) == ("access_denied", VALID_REQUEST["state"])
    consent = Consent.objects.get()
    trail = AuditEvent.objects.get(event="consent.rejected")
    if way in (at_accounts, at_review):
        assert (consent.ended_by, consent.user, trail.actor) == ("person", visitor.user, "mariam")
    else:
        assert (consent.ended_by, consent.user, trail.actor) == ("anonymous", None, "")


@case("AZ-20")
@pytest.mark.parametrize("session", ["ended", "somebody else's"])
def test_a_cancel_without_the_persons_session_is_not_theirs(tpp, visitor, openfinance, session):
    at_review(tpp, visitor)
    visitor.browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    if session != "ended":
        Person(world.person("other", openfinance), visitor.browser).sign_in()

    visitor.follow(visitor.browser.post(f"/openfinance/authorize/{handle()}/cancel"))

    consent = Consent.objects.get()
    assert (consent.state, consent.ended_by) == (ConsentState.REJECTED, "anonymous")
    assert AuditEvent.objects.get(event="consent.rejected").actor == ""


@case("AZ-17")
@requirement("PRODUCT-4", "RFC6749-10.12", "OIDCC-3.1.2.1")
@pytest.mark.parametrize(
    ("what", "clause", "sentence"),
    [
        ("no account here", "PRODUCT-4", "is not one of <bdi>Openfinance</bdi>"),
        ("somebody else's", "RFC6749-10.12", "Another person began it in this browser"),
        ("closed meanwhile", "PRODUCT-4", "is not one of <bdi>Openfinance</bdi>"),
    ],
)
def test_what_cannot_be_completed_is_said_and_leads_back(
    tpp, visitor, openfinance, uae, what, clause, sentence
):
    if what == "no account here":
        outsider = world.person("outsider", uae)
        actions.add_second_factor(outsider, secret=App.secret, by="test")
        at_sign_in(tpp, visitor)
        Person(outsider, visitor.browser).sign_in()
    else:
        at_review(tpp, visitor)
    if what == "somebody else's":
        Person(world.person("other", openfinance), visitor.browser).sign_in()
    if what == "closed meanwhile":
        visitor.user.enrolments.update(is_active=False)

    page = visitor.browser.get(f"/openfinance/authorize/{handle()}")

    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert b"Go back to <bdi>Tpp</bdi>" in page.content
    assert b'http-equiv="refresh"' not in page.content
    answer = answer_in(page)
    assert (answer["error"], answer["state"]) == ("access_denied", VALID_REQUEST["state"])
    assert answer["error_description"].endswith(f"[{clause}]")
    consent = Consent.objects.get()
    assert (consent.state, consent.ended_by) == (ConsentState.REJECTED, "system")
    assert AuditEvent.objects.get(event="consent.rejected").actor == "system"


@case("ER-06")
def test_the_reference_on_the_page_is_that_of_the_refusal_that_is_kept(tpp, visitor):
    at_review(tpp, visitor)

    with at(minutes=11):
        page = visitor.browser.get(f"/openfinance/authorize/{handle()}")

    shown = re.search(r'id="interaction-id">([^<]+)<', page.content.decode())
    assert shown
    kept = Refusal.objects.get(interaction_id=shown[1])
    assert (kept.client_id, kept.clause, kept.endpoint) == ("tpp", "RFC6749-4.1.2.1", "/authorize")


@case("PR-33")
def test_the_row_is_kept_as_long_as_somebody_may_come_back(tpp, visitor):
    at_review(tpp, visitor)

    def purged(now):
        days = timedelta(days=90)
        found = dict(purge(now=now, token_retention=days, refusal_retention=days))
        return {name: rows for name, rows in found.items() if rows and "proof" not in name}

    ends = AuthorizationTransaction.objects.get().expires_at
    assert purged(ends + MARGIN - timedelta(seconds=1)) == {}
    with at(minutes=9, seconds=58, hours=1):
        require_the_end(visitor.browser.get(f"/openfinance/authorize/{handle()}"))
    purged(ends + MARGIN + timedelta(seconds=1))
    assert not AuthorizationTransaction.objects.exists()
    assert not PushedRequest.objects.exists()


@case("AZ-33")
@requirement("WCAG-2.2.1")
@every_place
def test_no_page_speaks_of_minutes_or_goes_on_by_itself(tpp, visitor, way, path):
    """What it says of the time stays true while it lies open; a browser may wait for a refresh."""
    page = way(tpp, visitor).content.decode()

    assert not re.search(r"\d+ minutes? to decide", page)
    assert 'http-equiv="refresh"' not in page


@case("AZ-33", "LG-07")
def test_setting_up_a_second_factor_is_not_lost_when_the_time_is_over(tpp, openfinance):
    newcomer = Person(world.person("mariam", openfinance), Http())
    newcomer.sign_in(factors=1)
    page = newcomer.opens(tpp, accounts_wanted(tpp))
    assert page.request["PATH_INFO"] == reverse("mfa_activate_totp")
    assert b'http-equiv="refresh"' not in page.content

    with at(minutes=11):
        sign_in_again(newcomer, factors=1)
        assert newcomer.browser.get(address(page)).status_code == 200
        require_the_end(newcomer.follow(newcomer.browser.get(f"/openfinance/authorize/{handle()}")))
