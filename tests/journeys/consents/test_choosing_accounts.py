"""The page on which a person chooses accounts: what the bank offers, and nothing else."""

import json

import pytest
from django.utils import timezone

from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction
from consents import forms
from consents.models import Consent
from tests.support import details
from tests.support.assertions import a_page_without_redirect
from tests.support.bank import EVERYDAY, JOINT
from tests.support.clock import at
from tests.support.person import answer_in, decision_on

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture
def page(tpp, person):
    """The accounts page of a request for account information."""
    return opened(tpp, person, details.account_information(now=timezone.now()))


def opened(tpp, person, *wanted):
    pushed = tpp.push(authorization_details=json.dumps(wanted))
    assert pushed.status_code == 201, pushed.content
    page = person.opens(tpp, pushed.json()["request_uri"])
    assert page.status_code == 200
    assert page.request["PATH_INFO"].endswith("/accounts")
    return page


def choices():
    return AuthorizationTransaction.objects.get().choices


@case("AZ-16")
def test_the_page_shows_what_the_bank_offers(page, accounts):
    shown = page.content.decode()

    assert [url for url, _ in accounts.asked] == ["https://bank.example.com/people/mariam/accounts"]
    for text in (
        "Everyday",
        "7731",
        "Current account",
        "8,214.60 AED",
        "-41,500.00 AED",
        JOINT["reason"],
    ):
        assert text in shown
    assert "checked" not in shown  # nothing is ticked for the person
    assert shown.count(" disabled") == 1


@case("AZ-16")
def test_what_was_chosen_is_kept_and_granted(tpp, person, page):
    answer = answer_in(person.decides(page, accounts=["acc-2"]))

    kept = {"id": "acc-2", "name": "Rainy day", "kind": "Savings", "last4": "7758"}
    assert Consent.objects.get().choices == {"accounts": [kept | {"currency": "AED"}]}
    granted = tpp.redeem(answer["code"]).json()["authorization_details"]
    assert [detail["accounts"] for detail in granted] == [[{"id": "acc-2"}]]


def test_the_only_account_is_ticked(tpp, person, accounts):
    accounts.answer = [EVERYDAY, JOINT]

    page = opened(tpp, person, details.account_information(now=timezone.now()))

    assert page.content.decode().count(" checked") == 1


@case("AZ-16")
@pytest.mark.parametrize(
    "form",
    [
        {"accounts": ["acc-9"]},
        {"accounts": ["acc-3"]},
        {"accounts": ["acc-1", "acc-9"]},
        {"accounts": ["acc-1", "acc-1"]},
        {"accounts": ["acc-1"], "scope": "payments"},
        {"accounts": ["acc-1"], "amount": "1.00"},
        {"accounts": ["acc-1"], "decision": "approve"},
    ],
    ids=[
        "another person's",
        "not to be shared",
        "one too many",
        "twice",
        "a scope",
        "an amount",
        "a decision",
    ],
)
def test_a_form_with_more_than_was_offered_is_refused(person, page, form):
    response = person.browser.post(page.request["PATH_INFO"], form)

    assert response.status_code == 400
    a_page_without_redirect(response)
    assert choices() == {}
    assert "code" in answer_in(person.decides(page))


@case("AZ-16")
def test_what_the_bank_no_longer_offers_is_refused(person, page, accounts):
    accounts.answer = [JOINT]

    response = person.browser.post(page.request["PATH_INFO"], {"accounts": ["acc-1"]})

    assert response.status_code == 400
    assert choices() == {}


def test_choosing_none_is_asked_again_with_a_reason(person, page):
    response = person.browser.post(page.request["PATH_INFO"], {})

    shown = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error:" in shown
    assert shown.count("Choose at least one account.") == 2  # at the top and beside the field
    assert choices() == {}


@case("AZ-16", "AZ-35")
def test_a_payment_comes_from_one_account(tpp, person):
    page = opened(tpp, person, details.payment_initiation(now=timezone.now()))
    path = page.request["PATH_INFO"]

    assert b'type="radio"' in page.content
    both = person.browser.post(path, {"accounts": ["acc-1", "acc-2"]})
    assert both.status_code == 400
    assert choices() == {}
    assert person.browser.post(path, {"accounts": "acc-1"}).status_code == 303
    assert [each["id"] for each in choices()["accounts"]] == ["acc-1"]


def test_a_bank_that_is_away_says_so_and_can_be_tried_again(tpp, person, accounts):
    accounts.fault = "deadline"
    pushed = tpp.push(
        authorization_details=json.dumps([details.account_information(now=timezone.now())])
    )

    page = person.opens(tpp, pushed.json()["request_uri"])

    assert page.status_code == 503
    assert b"Your bank cannot list your accounts right now" in page.content
    assert b"deadline" not in page.content
    assert b'id="journey-cancel"' in page.content
    accounts.fault = ""
    assert person.browser.get(page.request["PATH_INFO"]).status_code == 200


@pytest.mark.parametrize(
    ("offered", "sentence"),
    [
        ([], b"Your bank lists no account of yours."),
        ([JOINT], b"None of your accounts can be chosen for this."),
    ],
)
def test_without_an_account_to_choose_there_is_no_button(tpp, person, accounts, offered, sentence):
    accounts.answer = offered

    page = opened(tpp, person, details.account_information(now=timezone.now()))

    assert sentence in page.content
    assert b"accounts-continue" not in page.content
    assert b"journey-cancel" in page.content


def test_a_choice_can_be_changed_before_the_decision(person, page):
    path = page.request["PATH_INFO"]
    review = person.follow(person.browser.post(path, {"accounts": ["acc-1"]}))
    assert f'href="{path}"' in review.content.decode()

    again = person.browser.get(path)
    assert again.content.decode().count(" checked") == 1
    person.browser.post(path, {"accounts": ["acc-2"]})

    assert [each["id"] for each in choices()["accounts"]] == ["acc-2"]


@requirement("WCAG-2.2.1")
def test_more_time_keeps_what_is_ticked_and_decides_nothing(person, page):
    path = page.request["PATH_INFO"]
    form = {"accounts": ["acc-2", "acc-3", "acc-9"]}

    again = person.follow(person.browser.post(path.replace("/accounts", "/time"), form))

    assert again.request["PATH_INFO"] == path
    assert again.content.decode().count(" checked") == 1
    assert choices() == {"draft": ["acc-2"]}
    answer_in(person.decides(again, accounts=["acc-1"]))
    assert [each["id"] for each in Consent.objects.get().choices["accounts"]] == ["acc-1"]


def test_the_review_waits_for_the_accounts(person, page):
    path = page.request["PATH_INFO"]

    response = person.browser.post(path.removesuffix("/accounts"), {"decision": "approve"})

    assert response.status_code == 303
    assert person.follow(response).request["PATH_INFO"] == path
    assert AuthorizationTransaction.objects.get().decision == ""


@case("AZ-33")
def test_a_choice_after_the_time_is_refused(person, page):
    with at(minutes=11):
        response = person.browser.post(page.request["PATH_INFO"], {"accounts": ["acc-1"]})

        assert answer_in(person.follow(response))["error"] == "access_denied"
    assert choices() == {}
    assert not AuthorizationCode.objects.exists()


@case("AZ-34")
def test_five_hundred_accounts_are_all_offered(tpp, person, accounts):
    accounts.answer = [EVERYDAY | {"id": f"acc-{n}"} for n in range(500)]

    page = opened(tpp, person, details.account_information(now=timezone.now()))

    assert page.content.decode().count('type="checkbox"') == 500


def meanwhile(monkeypatch, happens):
    """Let something happen between the page's look at the transaction and its decision."""
    read = forms.decision_in

    def decision_in(sent):
        happens()
        return read(sent)

    monkeypatch.setattr(forms, "decision_in", decision_in)


def given_up():
    """As "I need more time" on the page of accounts, opened in another window."""
    AuthorizationTransaction.objects.update(choices={"draft": ["acc-2"]})


def chosen_anew():
    other = {"id": "acc-2", "name": "Rainy day", "kind": "Savings", "last4": "7758"}
    AuthorizationTransaction.objects.update(choices={"accounts": [other | {"currency": "AED"}]})


def nothing():
    pass


@case("AZ-16", "AZ-17")
@pytest.mark.parametrize("happens", [nothing, given_up, chosen_anew])
def test_an_approval_is_of_the_accounts_as_they_stood(person, page, monkeypatch, happens):
    """Other accounts in another window make it stale: it is asked again, and comes to an end."""
    path = page.request["PATH_INFO"]
    review = person.follow(person.browser.post(path, {"accounts": ["acc-1"]}))
    with monkeypatch.context() as patched:
        meanwhile(patched, happens)

        next_page = person.follow(
            person.browser.post(review.request["PATH_INFO"], decision_on(review))
        )

    if happens is nothing:
        assert "code" in answer_in(next_page)
        return
    assert next_page.request["PATH_INFO"] == (path if happens is given_up else review_path(path))
    assert AuthorizationTransaction.objects.get().decision == ""
    assert not AuthorizationCode.objects.exists()
    assert "code" in answer_in(person.decides(next_page, accounts=["acc-2"]))
    assert [each["id"] for each in Consent.objects.get().choices["accounts"]] == ["acc-2"]


def review_path(path):
    return path.removesuffix("/accounts")


@case("AZ-16")
@pytest.mark.parametrize("choices", [{}, {"draft": ["acc-1"]}, {"accounts": []}])
@pytest.mark.parametrize("decision", ["", "approved"])
def test_no_state_of_a_choice_sends_a_person_in_a_circle(person, page, choices, decision):
    """Undecided it is asked for, wherever the person goes on; approved without, it is refused."""
    path = page.request["PATH_INFO"]
    AuthorizationTransaction.objects.update(choices=choices, decision=decision)

    for way in (path, review_path(path), review_path(path).replace("/consent/", "/authorize/")):
        reached = person.follow(person.browser.get(way))
        if decision:
            assert b'id="finished"' in reached.content or "error" in answer_in(reached)
        else:
            assert reached.request["PATH_INFO"] == path
    assert not AuthorizationCode.objects.exists()
    assert Consent.objects.get().state == ("Rejected" if decision else "AwaitingAuthorization")
