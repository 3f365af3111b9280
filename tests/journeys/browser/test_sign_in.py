"""Signing in and agreeing in Chromium: what a test client cannot see."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from authserver.accounts import actions
from tests.support import world
from tests.support.authenticator_app import App
from tests.support.chromium import press
from tests.support.guest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
case = pytest.mark.case


@pytest.fixture
def mariam(site, openfinance):
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


def sign_in(page):
    page.fill("#login-username", "mariam")
    page.fill("#login-password", PASSWORD)
    press(page, "#login-submit")
    page.fill("#mfa-code", App().code())
    press(page, "#mfa-submit")


@pytest.fixture
def opened(page, tpp):
    """The browser has followed a client's link; what the client then gets is kept."""
    answers = []

    def take(route):
        answers.append(route.request)
        route.fulfill(status=200, content_type="text/html", body="<h1>The client</h1>")

    page.route("https://tpp.example.com/**", take)
    pushed = tpp.push().json()["request_uri"]
    query = urlencode({"client_id": tpp.client_id, "request_uri": pushed})
    page.goto(f"/{tpp.ecosystem.slug}/authorize?{query}")
    return answers


@case("AZ-39")
def test_the_way_from_the_client_and_back(page, mariam, opened, tpp):
    sign_in(page)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")

    answer = parse_qs(urlsplit(page.url).query)
    assert set(answer) == {"code", "state", "iss"}
    assert answer["iss"] == [tpp.ecosystem.issuer]
    assert "referer" not in opened[0].headers


@case("AZ-39", "AZ-20")
@pytest.mark.parametrize("where", ["sign in", "second factor", "review"])
def test_a_refusal_anywhere_goes_back_to_the_client(page, mariam, opened, where):
    if where == "second factor":
        page.fill("#login-username", "mariam")
        page.fill("#login-password", PASSWORD)
        press(page, "#login-submit")
    elif where == "review":
        sign_in(page)
    page.click("#consent-refuse" if where == "review" else "#journey-cancel")
    page.wait_for_url("https://tpp.example.com/**")

    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]


@case("AZ-19")
def test_going_back_afterwards_gives_no_second_answer(page, mariam, opened):
    sign_in(page)
    review = page.url
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")

    page.goto(review)

    assert page.locator("#finished").count() == 1
    assert len(opened) == 1


def test_a_keyboard_is_enough(page, mariam):
    page.goto(reverse("account_login"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(10):
        if page.evaluate("document.activeElement.id") == "login-username":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("mariam")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("second-factor"))

    assert page.evaluate("document.activeElement.id") == "mfa-code"
    page.keyboard.type(App().code())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("consents"))


def test_after_a_mistake_the_summary_has_the_focus(page, mariam):
    page.goto(reverse("account_login"))
    page.fill("#login-username", "mariam")
    page.fill("#login-password", "wrong")
    press(page, "#login-submit")

    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.title().startswith("Error:")
    assert page.input_value("#login-username") == "mariam"
    assert page.input_value("#login-password") == ""


def test_a_language_is_chosen_and_kept(page, mariam):
    page.goto(reverse("account_login"))
    press(page, "#language-ar")

    assert page.evaluate("[document.documentElement.lang, document.dir]") == ["ar", "rtl"]
    page.goto(reverse("account_signed_out"))
    assert page.evaluate("document.dir") == "rtl"


@case("LG-18")
def test_signing_out_works_from_any_page(page, mariam):
    page.goto(reverse("account_login"))
    sign_in(page)
    press(page, "#sign-out")

    assert page.url.endswith(reverse("account_signed_out"))
    page.goto(reverse("account_home"))
    assert page.locator("#login-submit").count() == 1


@case("AZ-21")
def test_no_other_page_can_frame_us(page, mariam, site):
    page.route(
        "https://evil.example/",
        lambda route: route.fulfill(
            status=200,
            content_type="text/html",
            body=f"<iframe src='{site}{reverse('account_login')}'></iframe>",
        ),
    )
    page.goto("https://evil.example/")
    page.wait_for_timeout(500)

    assert all(frame.locator("#login-submit").count() == 0 for frame in page.frames)
