"""What is told of a person, and why, stands on the page in Chromium, in both languages."""

import pytest

from authserver.protocol.specs.claims import SUPPORTED
from consents.models import Consent
from tests.journeys.browser.links import opens
from tests.journeys.browser.rules import in_each_language, require_the_rules
from tests.support.chromium import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
case = pytest.mark.case
requirement = pytest.mark.requirement

CLAIMS = '{"userinfo": {"email": null, "preferred_username": null}, "id_token": {"name": null}}'
WORDS = {
    "en": ("Your full name", "Your e-mail address", "The user name that you sign in with"),
    "ar": ("اسمك الكامل", "عنوان بريدك الإلكتروني", "اسم المستخدم الذي تسجّل الدخول به"),
}


@case("AZ-34")
@requirement("OIDCC-5.5", "CID-PURPOSE-3")
@in_each_language
def test_claims_and_purpose_are_on_the_page_and_on_the_receipt(
    new_window, signed_in, tpp, openfinance, locale, looks
):
    openfinance.claims = list(SUPPORTED)
    openfinance.save(update_fields=["claims"])
    tpp.client.scopes, tpp.client.claims = ["openid"], list(SUPPORTED)
    tpp.client.save()
    page = signed_in(new_window(locale=locale))

    opens(page, tpp, scope="openid", claims=CLAIMS, purpose="To greet you by your name")
    require_the_rules(page, "claims", looks)
    for words in (*WORDS[locale], "To greet you by your name"):
        assert page.get_by_text(words, exact=True).first.is_visible()
    press(page, "#consent-approve")

    page.goto(f"/consents/{Consent.objects.get().pk}/receipt")
    for words in (*WORDS[locale], "To greet you by your name"):
        assert page.get_by_text(words, exact=True).first.is_visible()
