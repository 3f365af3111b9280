"""An ecosystem's colours: readable in the light and in the dark, and never inline."""

import re

import pytest
from django.core.exceptions import ValidationError

from authserver.ecosystems import theme
from authserver.ecosystems.models import Ecosystem

requirement = pytest.mark.requirement


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)],
)
def test_contrast_is_that_of_wcag(first, second, ratio):
    assert theme.contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert theme.contrast(second, first) == theme.contrast(first, second)


@pytest.mark.parametrize("accent", ["#0b5cad", "#000000", "#7a0019", "#1a1a60", "#006400"])
def test_every_accent_is_readable_in_the_dark(accent):
    mixed = theme.readable_in_the_dark(accent)

    assert theme.contrast(mixed, theme.DARK_SURFACE) >= 4.5
    assert theme.contrast(mixed, theme.DARK_INK) >= 4.5


def test_an_accent_that_people_cannot_read_is_refused_with_the_reason():
    sentence = theme.why_not_an_accent("#ffd500")

    assert sentence == "White text on #ffd500 has a contrast of 1.4 to 1; people need 4.5."
    assert theme.why_not_an_accent("#0b5cad") is None


def test_an_ecosystem_refuses_such_an_accent(openfinance):
    openfinance.accent_colour = "#ffd500"

    with pytest.raises(ValidationError) as refused:
        openfinance.full_clean()

    assert list(refused.value.message_dict) == ["accent_colour"]


def test_the_stylesheet_sets_the_roles_of_the_ecosystem(client, openfinance):
    Ecosystem.objects.update(accent_colour="#7a0019")

    response = client.get("/openfinance/theme.css")

    assert response["Content-Type"] == "text/css"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert "--brand: #7a0019" in response.content.decode()
    assert "prefers-color-scheme: dark" in response.content.decode()


def test_a_page_of_the_ecosystem_links_it(person, openfinance):
    page = person.browser.get("/accounts/").content.decode()

    assert re.search(r'<link rel="stylesheet" href="/openfinance/theme\.css\?0b5cad">', page)
    assert "style=" not in page
    assert "<script" not in page


@pytest.mark.parametrize("slug", ["unknown", "openfinance"])
def test_who_is_not_there_has_no_colours(client, openfinance, slug):
    Ecosystem.objects.update(is_active=False)

    assert client.get(f"/{slug}/theme.css").status_code == 404
