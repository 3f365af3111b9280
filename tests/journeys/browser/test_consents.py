"""The consent pages in Chromium: every state fits a telephone, and a keyboard alone is enough."""

import pytest
from django.utils import timezone

from clients.models import Participant
from consents.models import Consent, ConsentState
from tests.journeys.browser.links import opens
from tests.journeys.browser.rules import in_each_language, require_the_rules
from tests.support import details
from tests.support.bank import EVERYDAY
from tests.support.chromium import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
case = pytest.mark.case
case = pytest.mark.case
requirement = pytest.mark.requirement

LONG = "W" * 60


@case("AZ-34")
@requirement("WCAG-2.2.1")
@in_each_language
def test_every_page_holds_to_the_rules(new_window, signed_in, tpp, bank_offers, locale, looks):
    now = timezone.now()
    page = signed_in(new_window(locale=locale))
    bank_offers.answer = [*bank_offers.answer, EVERYDAY | {"id": "acc-4", "name": LONG}]
    Participant.objects.filter(pk=tpp.client.participant_id).update(
        trading_name=LONG, legal_name=f"<b>{LONG}</b>", registration_number="9" * 60
    )

    opens(page, tpp, details.account_information(now=now, purpose=LONG))
    require_the_rules(page, "accounts", looks)
    press(page, "#accounts-continue")
    require_the_rules(page, "accounts, with errors", looks)
    page.check("#account-1")
    page.check("#account-4")
    press(page, "#accounts-continue")
    page.click("summary")
    require_the_rules(page, "review", looks)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")

    long_payment = details.payment_initiation(
        now=now, creditorName=LONG * 2, remittanceInformationUnstructured=LONG * 2
    )
    long_payment["instructedAmount"]["amount"] = "999999999999999.999"
    opens(page, tpp, long_payment)
    page.check("#account-2")
    press(page, "#accounts-continue")
    require_the_rules(page, "payment", looks)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")

    page.goto("/consents/")
    require_the_rules(page, "my consents", looks)
    press(page, "article a >> nth=0")
    page.click("summary")
    require_the_rules(page, "a consent", looks)
    press(page, "#consent-receipt")
    require_the_rules(page, "receipt", looks)
    page.go_back(wait_until="load")
    press(page, "#consent-revoke")
    require_the_rules(page, "stop it", looks)
    press(page, "#consent-revoke-confirm")
    require_the_rules(page, "stopped", looks)
    page.goto("/consents/?show=history")
    require_the_rules(page, "history", looks)
    assert set(Consent.objects.values_list("state", flat=True)) == {"Authorized", "Revoked"}

    for answer in ([], [EVERYDAY | {"shareable": False}]):
        bank_offers.answer = answer
        opens(page, tpp, details.account_information(now=now))
        assert page.is_visible("#journey-cancel")
        require_the_rules(page, "no account", looks)
    bank_offers.fault = "it took too long"
    opens(page, tpp, details.account_information(now=now))
    assert page.is_visible("#error-page")
    require_the_rules(page, "the bank is away", looks)
    bank_offers.fault, bank_offers.answer = "", [EVERYDAY]
    press(page, "#try-again")
    assert page.is_visible("#accounts-continue")


@case("AZ-20")
def test_a_keyboard_alone_is_enough(page, signed_in, tpp):
    opens(signed_in(page), tpp, details.account_information(now=timezone.now()))

    tab_to(page, "account-1")
    page.keyboard.press("Space")
    tab_to(page, "accounts-continue")
    page.keyboard.press("Enter")
    tab_to(page, "consent-refuse")
    page.keyboard.press("Enter")
    page.wait_for_url("https://tpp.example.com/**")

    assert "error=access_denied" in page.url
    assert Consent.objects.get().state == ConsentState.REJECTED


def tab_to(page, wanted):
    """Press Tab until the control has the focus; each stop on the way is visibly marked."""
    page.wait_for_selector(f"#{wanted}")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            assert page.evaluate(
                "(document.activeElement.closest('.choice') || document.activeElement)"
                ".computedStyleMap().get('outline-width').value >= 3"
            )
            return
    raise AssertionError(f"no way to {wanted} by keyboard")


def test_approve_and_refuse_have_the_same_size(page, signed_in, tpp):
    opens(signed_in(page), tpp)
    for width in (320, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        yes, no = (
            page.locator(f"#consent-{each}").bounding_box() for each in ("approve", "refuse")
        )
        assert (yes["width"], yes["height"]) == (no["width"], no["height"])


@requirement("WCAG-2.2.1")
def test_the_end_of_the_time_is_announced_without_a_script(page, signed_in, tpp):
    opens(signed_in(page), tpp, details.account_information(now=timezone.now()))
    warning = page.locator("[role=status] .warning-later")

    assert not warning.is_visible()
    page.evaluate("document.getAnimations().forEach(each => { each.currentTime = 180_000 + 1 })")
    assert warning.is_visible()
    page.check("#account-2")
    press(page, "#more-time")
    assert page.is_checked("#account-2")
    assert not page.is_visible("#more-time")


@case("AZ-19")
def test_going_back_after_the_answer_decides_nothing(page, signed_in, tpp):
    opens(signed_in(page), tpp)
    page.click("#consent-approve")
    page.wait_for_url("https://tpp.example.com/**")

    page.go_back()
    page.wait_for_selector("#finished, #returning, #error-page")

    assert Consent.objects.count() == 1
    assert not page.is_visible("#consent-approve")


@case("AZ-16", "AZ-34")
@in_each_language
def test_a_tab_that_is_out_of_date_approves_nothing(new_window, signed_in, tpp, locale, looks):
    first, second = signed_in(new_window(locale=locale)), new_window(locale=locale)
    opens(first, tpp, details.account_information(now=timezone.now()))
    first.check("#account-1")
    press(first, "#accounts-continue")
    second.goto(f"{first.url}/accounts")
    second.uncheck("#account-1")
    second.check("#account-2")
    press(second, "#accounts-continue")

    press(first, "#consent-approve")

    assert first.is_visible("#shown-anew")
    assert Consent.objects.get().state == ConsentState.AWAITING
    require_the_rules(first, "shown anew", looks)
    first.click("#consent-approve")
    first.wait_for_url("https://tpp.example.com/**")
    assert [each["id"] for each in Consent.objects.get().choices["accounts"]] == ["acc-2"]
