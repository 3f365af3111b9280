"""The page that asks: who, what, which accounts, why, until when; and the one decision."""

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Http
from django.urls import reverse
from django.utils import timezone

from authserver.ecosystems.models import Ecosystem
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction
from clients.models import Participant, ResourceServer
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.assertions import a_page_without_redirect
from tests.support.clock import at
from tests.support.person import Person, answer_in, decision_on, is_answer

case = pytest.mark.case
requirement = pytest.mark.requirement

Decision = AuthorizationTransaction.Decision


def review_of(tpp, person, *wanted, **changes):
    if wanted:
        changes["authorization_details"] = json.dumps(wanted)
    pushed = tpp.push(**changes)
    assert pushed.status_code == 201, pushed.content
    page = person.opens(tpp, pushed.json()["request_uri"])
    if page.request["PATH_INFO"].endswith("/accounts"):
        chosen = {"accounts": ["acc-1"]}
        page = person.follow(person.browser.post(page.request["PATH_INFO"], chosen))
    assert b'id="consent-approve"' in page.content, page.content
    return page


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.content.decode()))


def decision():
    return AuthorizationTransaction.objects.get().decision


@pytest.fixture
def page(tpp, person):
    return review_of(tpp, person, details.account_information(now=timezone.now()))


@case("AZ-34")
def test_who_asks_for_what_until_when_is_said(tpp, person, page):
    shown = text_of(page)
    until = Consent.objects.get().expires_at
    assert until is not None

    for text in (
        "Share your account information?",
        "Tpp Limited",
        "12345",
        "See the balance of each account",
        "read_balances",
        "Everyday",
        "7731",
        "To plan your month",
        f"Until {until.day} {until:%B %Y, %H:%M} UTC (90 days)",
    ):
        assert text in shown


def everything_in(value):
    if isinstance(value, dict):
        for child in value.values():
            yield from everything_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from everything_in(child)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


@case("AZ-34")
@pytest.mark.parametrize("make", details.EVERY_TYPE, ids=lambda make: make.__name__)
def test_nothing_that_is_approved_is_hidden(tpp, person, openfinance, make):
    openfinance.authorization_details_types = [kind()["type"] for kind in details.EVERY_TYPE]
    openfinance.save()
    tpp.client.authorization_details_types = openfinance.authorization_details_types
    tpp.client.save()
    ResourceServer.objects.update(
        authorization_details_types=openfinance.authorization_details_types
    )
    detail = make() if make is details.account_access_v1 else make(now=timezone.now())

    shown = text_of(review_of(tpp, person, detail))

    for value in everything_in(detail):
        assert value in shown


@case("PR-18", "AZ-34")
def test_a_payment_shows_its_amount_as_it_was_asked(tpp, person):
    detail = details.payment_initiation(now=timezone.now())
    detail["instructedAmount"]["amount"] = "12500.5"

    page = review_of(tpp, person, detail)
    shown = text_of(page)

    assert "Make this payment?" in shown
    assert "12500.5 AED" in shown
    assert "AE07 0331 2345 6789 0123 456" in shown
    places = [shown.index(text) for text in ("Bright Books", "AE07 0331", "12500.5", "Invoice")]
    assert places == sorted(places)
    granted = tpp.redeem(answer_in(person.decides(page))["code"]).json()["authorization_details"]
    assert granted[0]["instructedAmount"] == {"currency": "AED", "amount": "12500.5"}


@case("AZ-34")
def test_hostile_names_are_text_and_not_markup(tpp, person):
    name = "<script>alert(1)</script>\u202e & Co " + "W" * 40
    Participant.objects.filter(pk=tpp.client.participant_id).update(trading_name=name)

    page = review_of(
        tpp, person, details.account_information(now=timezone.now(), purpose="</bdi><b>& “x”")
    )

    shown = page.content.decode()
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<bdi>&lt;/bdi&gt;&lt;b&gt;&amp; “x”</bdi>" in shown
    assert "W" * 40 in shown


def test_scopes_alone_are_told_in_the_ecosystems_sentences(tpp, person, openfinance):
    shown = text_of(review_of(tpp, person))

    assert "Know who you are" in shown
    assert "See your accounts" in shown
    assert "about 6 months" in shown


@case("AZ-42")
def test_nothing_of_the_request_reaches_the_browser_in_a_field_or_cookie(tpp, person, page):
    shown = page.content.decode()
    names = set(re.findall(r'<(?:input|button)[^>]* name="([^"]+)"', shown))
    values = " ".join(morsel.value for morsel in person.browser.cookies.values())

    assert names <= {"csrfmiddlewaretoken", "decision", "shown", "language", "next"}
    for pushed in ("list_accounts", "state-of-the-test", "acc-1", "account_information"):
        assert pushed not in values
        assert pushed not in page.request["PATH_INFO"]


@case("AZ-23")
def test_the_page_is_kept_by_nobody_and_its_form_can_be_sent(page):
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


@requirement("RAR-5")
def test_approving_gives_a_code_and_authorizes_the_consent(person, page):
    answer = answer_in(person.decides(page))

    assert "code" in answer
    consent = Consent.objects.get()
    assert consent.state == ConsentState.AUTHORIZED
    assert consent.user == person.user


@case("AZ-20")
def test_refusing_gives_access_denied_and_no_code(person, page):
    answer = answer_in(person.decides(page, approve=False))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "state-of-the-test"
    assert Consent.objects.get().state == ConsentState.REJECTED
    assert not AuthorizationCode.objects.exists()


@case("AZ-16")
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": ""},
        {"decision": "maybe"},
        {"decision": ["approve", "refuse"]},
        {"decision": "approve", "scope": "payments"},
        {"decision": "approve", "accounts": "acc-2"},
        {"decision": "approve", "amount": "1.00"},
    ],
)
def test_a_form_with_anything_but_a_decision_is_refused(person, page, form):
    shown = {"shown": decision_on(page)["shown"]}
    response = person.browser.post(page.request["PATH_INFO"], shown | form)

    assert response.status_code == 400
    a_page_without_redirect(response)
    assert decision() == ""
    assert "code" in answer_in(person.decides(page))


@case("AZ-14")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_from_elsewhere_is_refused(person, page, site):
    response = person.browser.post(
        page.request["PATH_INFO"], decision_on(page), headers={"Sec-Fetch-Site": site}
    )

    assert response.status_code == 403
    assert decision() == ""


@case("AZ-14")
@pytest.mark.parametrize("origin", ["null", "https://evil.example.com", ""])
def test_a_form_without_its_token_or_origin_is_refused(person, page, origin):
    strict = Http(enforce_csrf_checks=True)
    strict.cookies = person.browser.cookies
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[0]
    path = page.request["PATH_INFO"]

    without_token = strict.post(path, decision_on(page), secure=True)
    headers = {"Origin": origin} if origin else {}
    elsewhere = strict.post(
        path,
        decision_on(page) | {"csrfmiddlewaretoken": token},
        secure=True,
        headers=headers,
    )

    assert (without_token.status_code, elsewhere.status_code) == (403, 403)
    assert decision() == ""
    ours = strict.post(
        path,
        decision_on(page) | {"csrfmiddlewaretoken": token},
        secure=True,
        headers={"Origin": "https://testserver"},
    )
    assert ours.status_code == 303
    assert decision() == Decision.APPROVED


@case("AZ-17")
def test_a_form_of_one_person_is_not_sent_by_another(person, page, openfinance):
    other = Person(world.person("other", openfinance), person.browser)
    other.sign_in()

    for response in (
        other.browser.get(page.request["PATH_INFO"]),
        other.browser.post(page.request["PATH_INFO"], decision_on(page)),
    ):
        a_page_without_redirect(response, status=403)
    assert decision() == ""
    assert not AuthorizationCode.objects.exists()


@case("AZ-13", "AZ-15")
def test_the_page_of_another_browser_does_not_exist(page, openfinance):
    thief = Person(world.person("thief", openfinance), Http())
    thief.sign_in()

    for response in (
        thief.browser.get(page.request["PATH_INFO"]),
        thief.browser.post(page.request["PATH_INFO"], decision_on(page)),
        thief.browser.get("/openfinance/consent/" + "x" * 43),
    ):
        a_page_without_redirect(response, status=404)
    assert decision() == ""


def test_the_page_of_another_ecosystem_does_not_exist(person, page, uae):
    path = page.request["PATH_INFO"].replace("/openfinance/", "/uae/")

    assert person.browser.get(path).status_code == 404


@case("AZ-33")
def test_a_decision_after_the_time_is_refused(person, page):
    with at(minutes=11):
        response = person.browser.post(page.request["PATH_INFO"], decision_on(page))

        assert answer_in(person.follow(response))["error"] == "access_denied"
    assert decision() == ""
    assert not AuthorizationCode.objects.exists()


@requirement("WCAG-2.2.1")
def test_the_time_can_be_extended_once(person, page):
    path = page.request["PATH_INFO"]
    before = AuthorizationTransaction.objects.get().expires_at
    assert b'id="more-time"' in page.content

    with at(minutes=4):
        assert b"warning-later in-180" in person.browser.get(path).content
    with at(minutes=8, seconds=30):
        assert b"warning-later in-0" in person.browser.get(path).content
        longer = person.follow(person.browser.post(f"{path}/time"))
    assert b'id="more-time"' not in longer.content
    once = AuthorizationTransaction.objects.get().expires_at
    assert once - before >= timedelta(minutes=8)

    with at(minutes=12):
        person.browser.post(f"{path}/time")
    assert AuthorizationTransaction.objects.get().expires_at == once
    with at(minutes=16):
        assert "code" in answer_in(person.decides(longer))


@case("AZ-18", "AZ-19")
def test_the_first_decision_stays(person, page):
    path = page.request["PATH_INFO"]
    assert person.browser.post(path, decision_on(page, "refuse")).status_code == 303

    second = person.follow(person.browser.post(path, decision_on(page)))

    assert decision() == Decision.REFUSED
    assert is_answer(second)
    assert answer_in(second)["error"] == "access_denied"
    after = person.follow(person.browser.get(path))
    assert not is_answer(after)
    assert b'id="finished"' in after.content


@case("LG-07")
def test_one_factor_is_sent_back_for_the_second(person, page):
    person.sign_in(factors=1)
    path = page.request["PATH_INFO"]

    for response in (person.browser.get(path), person.browser.post(path, decision_on(page))):
        assert response.status_code == 303
        assert "/authorize/" in response["Location"]
    assert decision() == ""

    Ecosystem.objects.update(login_policy=Ecosystem.LoginPolicy.ONE_FACTOR)
    assert person.browser.get(path).status_code == 200


def test_who_signed_out_is_sent_back_to_sign_in(person, page):
    del person.browser.cookies[settings.SESSION_COOKIE_NAME]

    response = person.browser.post(page.request["PATH_INFO"], decision_on(page))

    assert response.status_code == 303
    assert person.follow(response).request["PATH_INFO"] == reverse("account_login")
    assert decision() == ""


def test_a_suspended_client_is_no_longer_shown(tpp, person, page):
    Participant.objects.filter(pk=tpp.client.participant_id).update(state="suspended")

    assert person.browser.get(page.request["PATH_INFO"]).status_code == 404


@case("AZ-36")
def test_looking_decides_nothing(person, page):
    assert person.browser.head(page.request["PATH_INFO"]).status_code == 200
    assert person.browser.put(page.request["PATH_INFO"]).status_code == 405
    assert person.browser.get(f"{page.request['PATH_INFO']}/time").status_code == 405
    assert decision() == ""
