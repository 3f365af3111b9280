"""The authorization journey against two browsers, two people, double clicks and forged forms."""

import pytest
from django.test import Client as Http

from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction
from consents.models import Consent
from tests.support import world
from tests.support.assertions import nothing_stored
from tests.support.person import Person, answer_in, decision_on, is_answer
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement


def review_page(tpp, person, **changes):
    page = person.opens(tpp, tpp.push(**changes).json()["request_uri"])
    assert page.status_code == 200
    return page


@case("AZ-12", "AZ-13")
@requirement("PAR-4")
def test_a_page_copied_to_another_browser_is_an_error(tpp, person, openfinance):
    page = review_page(tpp, person)
    thief = Person(world.person("thief", openfinance), Http())
    thief.sign_in()

    path = page.request["PATH_INFO"]
    resume = path.replace("/consent/", "/authorize/")
    for url, status in ((path, 404), (resume, 400)):
        response = thief.browser.get(url)
        assert response.status_code == status
        assert b'id="error-page"' in response.content
    assert thief.browser.post(path, decision_on(page)).status_code == 404
    assert not AuthorizationCode.objects.exists()
    assert "code" in answer_in(person.decides(page))


@case("AZ-17")
def test_a_consent_form_of_one_person_is_not_sent_by_another(tpp, person, openfinance):
    page = review_page(tpp, person)
    person.browser.logout()
    other = Person(world.person("other-person", openfinance), person.browser)
    other.sign_in()

    response = other.browser.post(page.request["PATH_INFO"], decision_on(page))

    assert response.status_code == 404
    other.follow(response)
    assert not AuthorizationCode.objects.exists()
    assert not Consent.objects.filter(state="Authorized").exists()


@case("AZ-14")
@requirement("CBUAE-3")
def test_a_form_needs_its_csrf_token(tpp, person):
    page = review_page(tpp, person)
    strict = Http(enforce_csrf_checks=True)
    strict.cookies = person.browser.cookies

    response = strict.post(page.request["PATH_INFO"], decision_on(page), secure=True)

    assert response.status_code == 403
    assert not AuthorizationCode.objects.exists()


@case("AZ-18", "AZ-19")
def test_a_second_click_gives_no_second_code(tpp, person):
    page = review_page(tpp, person)
    answer = person.decides(page)
    again = person.browser.post(page.request["PATH_INFO"], decision_on(page))

    assert "code" in answer_in(answer)
    assert not is_answer(person.follow(again))
    assert AuthorizationCode.objects.count() == 1
    resume = person.browser.get(answer.request["PATH_INFO"])
    assert not is_answer(resume)
    assert AuthorizationCode.objects.count() == 1


@case("AZ-18")
def test_a_decision_stays(tpp, person):
    page = review_page(tpp, person)
    person.browser.post(page.request["PATH_INFO"], decision_on(page, "refuse"))
    person.browser.post(page.request["PATH_INFO"], decision_on(page))

    resume = page.request["PATH_INFO"].replace("/consent/", "/authorize/")
    assert answer_in(person.follow(person.browser.get(resume)))["error"] == "access_denied"


@case("AZ-05", "AZ-33")
def test_time_that_is_over_gives_no_code(tpp, person, at):
    page = review_page(tpp, person)

    with at(minutes=11):
        response = person.browser.post(page.request["PATH_INFO"], decision_on(page))
        assert response.status_code == 303
        assert answer_in(person.follow(response))["error"] == "access_denied"
    assert not AuthorizationCode.objects.exists()
    assert not Consent.objects.filter(state="Authorized").exists()


@case("AZ-41")
def test_two_flows_of_one_browser_do_not_mix(tpp, other_tpp, person):
    theirs = "https://other.example.com/callback"
    first = review_page(tpp, person, nonce="first", state="first")
    second = review_page(
        other_tpp, person, nonce="second", state="second", redirect_uri=theirs, scope="openid"
    )

    one, two = answer_in(person.decides(first)), answer_in(person.decides(second))

    assert (one["state"], two["state"]) == ("first", "second")
    assert tpp.redeem(one["code"]).status_code == 200
    assert other_tpp.redeem(two["code"], redirect_uri=theirs).status_code == 200


@case("AZ-42", "AZ-43")
def test_nothing_of_the_request_reaches_the_browser(tpp, person):
    page = review_page(tpp, person)

    seen = page.content.decode() + str(page.request) + person.browser.cookies.output()
    for secret in (VALID_REQUEST["state"], VALID_REQUEST["nonce"], VALID_REQUEST["code_challenge"]):
        assert secret not in seen


@case("AZ-23", "AZ-24")
@requirement("RFC9700-4.12")
def test_redirects_are_303_and_pages_are_not_kept(tpp, person):
    url = f"/openfinance/authorize?client_id=tpp&request_uri={tpp.push().json()['request_uri']}"
    response = person.browser.get(url)
    while response.status_code != 200:
        assert response.status_code == 303
        assert "no-store" in response["Cache-Control"]
        response = person.browser.get(response["Location"])
    assert "no-store" in response["Cache-Control"]
    posted = person.browser.post(response.request["PATH_INFO"], decision_on(response))
    assert posted.status_code == 303
    answer = person.follow(posted)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "ETag" not in answer


@requirement("PRODUCT-4")
def test_somebody_who_is_not_enrolled_cannot_approve(tpp, uae):
    outsider = Person(world.person("outsider", uae), Http())
    outsider.sign_in()

    page = outsider.opens(tpp, tpp.push().json()["request_uri"])

    refusal = answer_in(page)
    assert refusal["error"] == "access_denied"
    assert refusal["error_description"].endswith("enrolled in this ecosystem [PRODUCT-4]")
    assert not AuthorizationCode.objects.exists()


@case("AZ-20")
def test_the_person_can_cancel_on_any_page(tpp, person):
    page = review_page(tpp, person)
    handle = page.request["PATH_INFO"].rstrip("/").rpartition("/")[2]

    answer = person.follow(person.browser.post(f"/openfinance/authorize/{handle}/cancel"))

    refusal = answer_in(answer)
    assert refusal["error"] == "access_denied"
    assert refusal["error_description"] == "the person did not approve [RFC6749-4.1.2.1]"
    assert person.browser.get(f"/openfinance/authorize/{handle}/cancel").status_code == 405


def test_a_transaction_of_one_ecosystem_is_unknown_in_another(tpp, uae, person):
    page = review_page(tpp, person)
    path = page.request["PATH_INFO"].replace("/openfinance/", "/uae/")

    with nothing_stored():
        assert person.browser.get(path).status_code == 404
        assert person.browser.get(path.replace("/consent/", "/authorize/")).status_code == 400


@requirement("OIDCC-3.1.2.3")
def test_without_a_session_the_person_signs_in_first(tpp, openfinance):
    nobody = Person(world.person("nobody", openfinance), Http())

    page = nobody.opens(tpp, tpp.push().json()["request_uri"])

    assert page.request["PATH_INFO"] == "/accounts/login/"
    assert AuthorizationTransaction.objects.get().user is None
