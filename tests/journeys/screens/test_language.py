"""English or Arabic: by the browser, or as the person chose; a header of any length is cheap."""

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, override, trans_real

from authserver.web.language import BoundedLocale

case = pytest.mark.case


def language_of(response):
    text = response.content.decode()
    return text.partition('<html lang="')[2].partition('"')[0], 'dir="rtl"' in text.partition(">")[
        2
    ]


@pytest.mark.parametrize(
    ("accepted", "language"), [("ar", "ar"), ("ar-AE,en;q=0.5", "ar"), ("en", "en"), ("xx", "en")]
)
def test_a_page_speaks_the_language_of_the_browser(stranger, accepted, language):
    response = stranger.get(reverse("account_login"), headers={"accept-language": accepted})

    assert language_of(response) == (language, language == "ar")


def test_what_a_person_chose_counts_more(stranger):
    stranger.post(reverse("set_language"), {"language": "ar", "next": "/accounts/login/"})

    response = stranger.get(reverse("account_login"), headers={"accept-language": "en"})

    assert language_of(response) == ("ar", True)


@case("AZ-27")
@pytest.mark.parametrize("going_to", ["//evil.example", "https://evil.example", "javascript:x"])
def test_choosing_a_language_leads_nowhere_else(stranger, going_to):
    response = stranger.post(reverse("set_language"), {"language": "ar", "next": going_to})

    assert "evil" not in response["Location"]
    assert response["Location"].startswith("/")


@case("ER-06", "AZ-38")
@pytest.mark.parametrize(("theirs", "before"), [("en", "ar"), ("ar", "en")])
@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (400, {"query_params": {"next": "\0"}}),
        (400, {"headers": {"host": "elsewhere.example"}}),
        (400, {"headers": {"cookie": "name=a\0"}}),
        (400, {"CONTENT_LENGTH": "-1"}),
        (413, {"CONTENT_LENGTH": "99999999"}),
    ],
    ids=["NUL in the query", "host", "NUL in a header", "length", "too large"],
)
def test_who_is_refused_reads_it_in_a_language_of_their_own(
    client, theirs, before, status, refused
):
    """And not in that of the request which the same thread had before."""
    client.get("/nothing", headers={"accept-language": before, "accept": "text/html"})

    headers = {"accept-language": theirs} | refused.get("headers", {})
    response = client.get("/accounts/login/", **(refused | {"headers": headers}))

    assert response.status_code == status
    assert language_of(response) == (theirs, theirs == "ar")


def test_a_file_is_one_for_all_languages(db, client, settings):
    settings.WHITENOISE_USE_FINDERS = True
    found = client.get("/static/authserver/style.css", headers={"accept-language": "ar"})
    found.close()

    assert found.status_code == 200
    assert "Content-Language" not in found
    assert "Accept-Language" not in found.get("Vary", "")


@case("AZ-38")
def test_a_header_of_any_length_costs_the_same(rf):
    seen = []

    def answer(request):
        seen.append(request)
        return HttpResponse()

    BoundedLocale(answer)(rf.get("/", headers={"accept-language": "ar," + "x" * 100_000}))

    assert len(seen[0].META["HTTP_ACCEPT_LANGUAGE"]) <= 100
    assert seen[0].LANGUAGE_CODE == "ar"


@case("AZ-38")
def test_ten_thousand_languages_cost_no_more_memory(rf):
    middleware = BoundedLocale(lambda request: HttpResponse())

    for number in range(10_000):
        middleware(rf.get("/", headers={"accept-language": f"x{number};q=0.5"}))

    for name in ("_parse_accept_lang_header", "_get_supported_language_variant"):
        assert 0 < getattr(trans_real, name).cache_info().currsize <= 1000


def test_an_ecosystem_offers_the_languages_it_has(stranger, openfinance, tpp):
    type(openfinance).objects.update(languages=["en"])
    both = stranger.get(reverse("account_login")).content.decode()
    one = stranger.get("/openfinance/authorize/nothing").content.decode()

    assert 'id="language-ar"' in both
    assert 'id="language-ar"' not in one


@pytest.mark.parametrize(("language", "written"), [("en", "8,214.60"), ("ar", "8,214.60")])
def test_money_is_written_alike_beside_western_digits(language, written):
    with override(language):
        assert number_format("8214.60", 2, force_grouping=True) == written


def test_a_word_of_ours_is_not_djangos():
    with override("ar"):
        assert gettext("History") == "السجل"
