"""Every page fits a small telephone, in both directions, and is built for everybody."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from authserver.accounts import actions
from tests.journeys.browser.rules import broken_rules, in_each_language, require_the_rules
from tests.support import world
from tests.support.authenticator_app import App
from tests.support.chromium import press
from tests.support.guest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "account_home",
    "account_logout",
    "account_change_password",
    "mfa_index",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
    "consents:list",
]


@pytest.fixture
def mariam(site, openfinance, uae):
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


def sign_in(page):
    page.goto(reverse("account_login"))
    enter_both_factors(page)


def enter_both_factors(page):
    page.fill("#login-username", "mariam")
    page.fill("#login-password", PASSWORD)
    press(page, "#login-submit")
    page.fill("#mfa-code", App().code())
    press(page, "#mfa-submit")


@in_each_language
def test_every_page_holds_to_the_rules(new_window, mariam, locale, looks):
    page = new_window(locale=locale)
    page.goto(reverse("account_login"))
    require_the_rules(page, "sign in", looks)
    press(page, "#login-submit")
    require_the_rules(page, "sign in, with errors", looks)
    sign_in(page)
    for name in PAGES:
        page.goto(reverse(name))
        require_the_rules(page, name, looks)
    actions.remove_second_factor(mariam, by="test")
    page.goto(reverse("mfa_activate_totp"))
    page.click("summary")
    require_the_rules(page, "set-up", looks)


@in_each_language
def test_the_pages_around_a_consent_hold_to_the_rules(new_window, mariam, tpp, locale, looks):
    page = new_window(locale=locale)
    page.route("https://tpp.example.com/**", lambda route: None)  # no answer: we stay where we are
    pushed = tpp.push().json()["request_uri"]
    query = urlencode({"client_id": tpp.client_id, "request_uri": pushed})
    address = f"/{tpp.ecosystem.slug}/authorize?{query}"

    page.goto(address)
    require_the_rules(page, "sign in", looks)
    enter_both_factors(page)
    review = page.url
    require_the_rules(page, "review", looks)
    press(page, "#consent-approve")
    require_the_rules(page, "returning", looks)
    page.goto(review)
    require_the_rules(page, "finished", looks)
    page.goto(address)
    require_the_rules(page, "error", looks)
    page.goto("/nowhere")
    require_the_rules(page, "not found", looks)


def test_the_rules_find_what_breaks_them(page, site):
    page.goto(reverse("account_signed_out"))
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend',
            '<div id="content"><h1>Twice</h1><input><img><a href="/x">x</a></div>');
        document.querySelector('.lead').attributeStyleMap.set('color', '#999')"""
    )

    broken = broken_rules(page)

    assert len(broken["text that can be read"]) == 1
    assert sorted(broken) == sorted(
        [
            "one heading of the first level",
            "no id twice",
            "a label for every control",
            "a name for every picture",
            "a landmark for everything",
            "targets of 44 pixels",
            "no script and no inline style",
            "text that can be read",
        ]
    )
