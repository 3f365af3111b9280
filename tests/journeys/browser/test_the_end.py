"""The end of a journey, its times and whose it is, in Chromium: what a person sees and can do."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils import timezone

from authserver.accounts import actions
from authserver.tokens.models import AuthorizationTransaction
from clients import actions as clients
from consents.models import Consent, ConsentState
from tests.journeys.browser.rules import in_each_language, require_the_rules
from tests.support import details, world
from tests.support.authenticator_app import App
from tests.support.bank import Bank
from tests.support.chromium import press
from tests.support.guest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture
def mariam(site, openfinance, monkeypatch):
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


@pytest.fixture
def omar(openfinance):
    made = world.person("omar", openfinance)
    made.display_name = "Omar Nasser"
    made.save()
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


def opens(page, tpp, detail=None):
    """Follow the link of a client that asks for this detail."""
    page.route("https://tpp.example.com/**", lambda route: route.fulfill(body="The client"))
    detail = detail or details.account_information(now=timezone.now())
    pushed = tpp.push(authorization_details=json.dumps([detail])).json()["request_uri"]
    query = urlencode({"client_id": tpp.client_id, "request_uri": pushed})
    page.goto(f"/{tpp.ecosystem.slug}/authorize?{query}")


def signs_in(page, username):
    page.fill("#login-username", username)
    page.fill("#login-password", PASSWORD)
    press(page, "#login-submit")
    page.fill("#mfa-code", App().code())
    press(page, "#mfa-submit")


def chooses(page):
    page.check("#account-1")
    press(page, "#accounts-continue")


def over():
    """Let the time of every request be over now."""
    past = timezone.now() - timedelta(seconds=1)
    AuthorizationTransaction.objects.update(expires_at=past)


@case("AZ-33")
@requirement("WCAG-2.2.1")
@pytest.mark.parametrize("where", ["sign in", "accounts", "review"])
def test_a_page_that_lay_open_leads_to_the_end(page, mariam, signed_in, tpp, where):
    """Whatever is done with it first, after its time: here it is loaded again."""
    opens(page if where == "sign in" else signed_in(page), tpp)
    if where == "review":
        chooses(page)

    over()
    page.reload()
    page.wait_for_selector("#ended", timeout=20_000)

    assert "Tpp" in page.inner_text("#return-link")
    assert "minute" not in page.inner_text("main")
    press(page, "#return-link")
    answer = parse_qs(urlsplit(page.url).query)
    assert page.url.startswith("https://tpp.example.com/")
    assert answer["error"] == ["access_denied"]
    assert set(answer) == {"error", "error_description", "state", "iss"}
    assert Consent.objects.get().state == ConsentState.REJECTED


@case("AZ-33")
def test_an_approval_too_late_is_told_and_leads_back(page, mariam, signed_in, tpp):
    opens(signed_in(page), tpp)
    chooses(page)
    over()
    press(page, "#consent-approve")

    assert "The time was over" in page.inner_text("h1")
    assert page.is_visible("#return-link")
    page.reload()
    assert page.is_visible("#return-link")


@case("AZ-17")
def test_somebody_else_takes_over_and_answers(page, mariam, omar, signed_in, tpp):
    opens(signed_in(page), tpp)
    chooses(page)
    assert "Signed in as Mariam Haddad (mariam)" in page.inner_text(".identity")
    press(page, "#somebody-else")
    signs_in(page, "omar")

    assert "Signed in as Omar Nasser (omar)" in page.inner_text(".identity")
    assert not page.is_checked("#account-1")
    chooses(page)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")
    assert "code=" in page.url
    assert Consent.objects.get().user == omar


@case("AZ-34")
@requirement("RAR-5")
def test_the_last_day_is_shown_as_it_is_there(still, page, mariam, signed_in, tpp):
    """Half past eight in the evening by UTC is half past midnight of the next day in Dubai."""
    tpp.ecosystem.time_zone = "Asia/Dubai"
    tpp.ecosystem.save()
    end = (timezone.now() + timedelta(days=40)).replace(hour=20, minute=30, second=0)
    wanted = details.account_information(expiration=details.rfc3339(end))
    day = end.date() + timedelta(days=1)
    opens(signed_in(page), tpp, wanted)
    chooses(page)

    shown = f"{day.day} {day:%B %Y}, 00:30 Dubai time"
    assert f"Until {shown}" in page.inner_text(".until")
    assert re.search(r"until \d\d:\d\d Dubai time", page.inner_text("main"))
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")
    page.goto("/consents/")
    assert shown in page.inner_text("article")


@case("LG-23")
def test_a_stopped_company_is_not_shown_as_active(page, mariam, signed_in, tpp):
    opens(signed_in(page), tpp)
    chooses(page)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")
    page.goto("/consents/")
    assert page.inner_text("article .state") == "Active"

    clients.suspend_participant(tpp.client.participant, by="test")

    page.reload()
    assert page.inner_text("article .state") == "On hold"
    press(page, "article a >> nth=0")
    assert "not let in here" in page.inner_text("#consent-reason")


@case("AZ-17", "AZ-33", "LG-23")
@in_each_language
def test_these_pages_hold_to_the_rules(
    new_window, mariam, omar, signed_in, tpp, site, locale, looks
):
    mariam.display_name = "Mariam " + "bint Abdulrahman " * 6
    mariam.save()
    page = new_window(locale=locale)
    opens(page, tpp)
    page.fill("#login-username", "mariam")
    page.fill("#login-password", PASSWORD)
    press(page, "#login-submit")
    require_the_rules(page, "second factor", looks)
    signed_in(page)
    opens(page, tpp)
    require_the_rules(page, "accounts", looks)
    chooses(page)
    require_the_rules(page, "review", looks)
    review = page.url
    over()
    page.goto(review)
    assert page.is_visible("#ended")
    require_the_rules(page, "ended", looks)
    opens(page, tpp)
    chooses(page)
    AuthorizationTransaction.objects.filter(completed_at=None).update(user=omar)
    page.reload()
    assert page.is_visible("#somebody-else")
    require_the_rules(page, "somebody else's", looks)
    press(page, "#journey-cancel")
    page.wait_for_url("https://tpp.example.com/**")
