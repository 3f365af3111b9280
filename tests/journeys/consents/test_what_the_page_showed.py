"""An approval is of the page it was given on: whatever became another meanwhile is shown anew."""

import json
import re
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from authserver.ecosystems.models import Ecosystem
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction
from consents.grant import Grant
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.clock import at
from tests.support.person import answer_in, decision_on, is_answer

case = pytest.mark.case
requirement = pytest.mark.requirement

Decision = AuthorizationTransaction.Decision


@pytest.fixture
def review(tpp, person):
    """The page that asks, with the first account chosen."""
    detail = details.account_information(now=timezone.now())
    pushed = tpp.push(authorization_details=json.dumps([detail])).json()["request_uri"]
    page = person.opens(tpp, pushed)
    return chooses(person, page, "acc-1")


@pytest.fixture
def of_scopes(tpp, person):
    """The page that asks for scopes alone."""
    return person.opens(tpp, tpp.push(purpose="To greet you").json()["request_uri"])


def chooses(person, page, account):
    path = page.request["PATH_INFO"].removesuffix("/accounts") + "/accounts"
    return person.follow(person.browser.post(path, {"accounts": [account]}))


def approves(person, page, **changes):
    """Send the form of this page, without going on; ``None`` takes a field away."""
    form = decision_on(page) | changes
    form = {name: value for name, value in form.items() if value is not None}
    return person.browser.post(page.request["PATH_INFO"], form)


def hold_to_no_approval(page):
    """It is the page that asks, with a word about why, and nothing was decided."""
    assert page.status_code == 409
    assert b'id="shown-anew"' in page.content
    assert b'id="consent-approve"' in page.content
    assert AuthorizationTransaction.objects.get().decision == ""
    assert not AuthorizationCode.objects.exists()
    assert not Consent.objects.exclude(state=ConsentState.AWAITING).exists()


@case("AZ-16", "AZ-34")
def test_the_page_of_one_tab_does_not_approve_what_was_chosen_in_another(person, review):
    chooses(person, review, "acc-2")

    anew = approves(person, review)

    hold_to_no_approval(anew)
    assert "7758" in anew.content.decode()
    assert "code" in answer_in(person.decides(anew))
    assert [each["id"] for each in Consent.objects.get().choices["accounts"]] == ["acc-2"]


@case("AZ-16")
def test_the_same_chosen_again_in_another_tab_is_the_same(person, review):
    assert b'id="shown-anew"' not in review.content
    chooses(person, review, "acc-2")
    chooses(person, review, "acc-1")

    assert "code" in answer_in(person.decides(review))
    assert [each["id"] for each in Consent.objects.get().choices["accounts"]] == ["acc-1"]


def of_the_row(**columns):
    return lambda: Consent.objects.update(**columns)


def other_details():
    [detail] = Consent.objects.get().authorization_details
    Consent.objects.update(authorization_details=[detail | {"purpose": "To sell you something"}])


def same_account_renamed():
    [account] = AuthorizationTransaction.objects.get().choices["accounts"]
    choices = {"accounts": [account | {"name": "Rainy day"}]}
    AuthorizationTransaction.objects.update(choices=choices)


CHANGES = {
    "scope": of_the_row(scope="openid"),
    "claims": of_the_row(claims={"id_token": ["email"]}),
    "authorization_details": other_details,
    "purpose": of_the_row(purpose="To sell you something"),
    "resources": of_the_row(resources=[world.BANK]),
    "accounts": same_account_renamed,
    "until": of_the_row(expires_at=timezone.now() + timedelta(days=80)),
}


def test_every_part_of_a_grant_is_changed_here():
    assert set(CHANGES) == {field.name for field in fields(Grant)}


@case("AZ-16", "AZ-34")
@requirement("OIDCC-3.1.2.4")
@pytest.mark.parametrize("part", CHANGES)
def test_whatever_changed_since_the_page_is_not_approved_by_it(person, review, part):
    CHANGES[part]()

    anew = approves(person, review)

    hold_to_no_approval(anew)
    assert is_answer(person.decides(anew))


OF_SCOPES = {
    "scope": {"scope": ["openid"]},
    "claims": {"claims": {"userinfo": {"email": None}}},
    "purpose": {"purpose": "To sell you something"},
    "resources": {"resource": [world.BANK]},
}


@case("AZ-16", "AZ-34")
@requirement("OIDCC-3.1.2.4")
@pytest.mark.parametrize("part", OF_SCOPES)
def test_so_it_is_where_scopes_alone_are_asked_for(person, of_scopes, part):
    pushed = AuthorizationTransaction.objects.get().pushed_request
    pushed.parameters |= OF_SCOPES[part]
    pushed.save(update_fields=["parameters"])

    hold_to_no_approval(approves(person, of_scopes))


@case("AZ-16", "AZ-34")
def test_another_end_of_scopes_alone_is_shown_anew(person, of_scopes, monkeypatch):
    rules = Ecosystem.objects.get(slug="openfinance").rules
    shorter = replace(rules, scope_consent_lifetime=timedelta(days=30))
    monkeypatch.setattr(Ecosystem, "rules", property(lambda self: shorter))

    anew = approves(person, of_scopes)

    hold_to_no_approval(anew)
    assert "30 days" in anew.content.decode()


@case("AZ-34")
@pytest.mark.parametrize("minutes", [0, 4])
def test_scopes_alone_end_when_the_page_said(person, of_scopes, minutes):
    """It does not get later while the person reads."""
    opened = AuthorizationTransaction.objects.get().opened_at
    with at(minutes=minutes):
        assert "code" in answer_in(person.decides(of_scopes))

    assert Consent.objects.get().expires_at == opened + timedelta(days=180)


@case("AZ-16")
@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "0" * 64,
        "x",
        str.upper,
        lambda digest: digest[:-1],
        lambda digest: f" {digest}",
        lambda digest: [digest, digest],
        lambda digest: [digest, "0" * 64],
    ],
    ids=["none", "empty", "another", "no digest", "in capitals", "cut", "space", "twice", "two"],
)
def test_an_approval_that_does_not_say_what_it_was_shown_is_none(person, review, shown):
    given = shown(decision_on(review)["shown"]) if callable(shown) else shown

    anew = approves(person, review, shown=given)

    hold_to_no_approval(anew)
    assert "code" in answer_in(person.decides(anew))


@case("AZ-20")
@pytest.mark.parametrize("shown", [None, "", "0" * 64])
def test_a_refusal_is_one_whatever_was_shown(person, review, shown):
    chooses(person, review, "acc-2")

    refused = approves(person, review, decision="refuse", shown=shown)

    assert answer_in(person.follow(refused))["error"] == "access_denied"
    assert AuthorizationTransaction.objects.get().decision == Decision.REFUSED


@case("AZ-34")
def test_why_it_is_shown_anew_is_said_in_the_persons_language(person, review):
    said = {}
    for language in ("en", "ar"):
        person.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = approves(person, review, shown=None)
        said[language] = re.findall(r'id="shown-anew"[^>]*>([^<]+)', page.content.decode())[0]

    assert "Nothing was shared and nothing was paid" in said["en"]
    assert said["ar"]
    assert said["ar"] != said["en"]
