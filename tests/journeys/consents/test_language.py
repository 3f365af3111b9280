"""The pages in Arabic: every sentence of ours is translated, and the page runs right to left."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override

from consents import lengths, types
from consents.account_source import KINDS
from consents.presentation import STATE_WORDS
from consents.types.openfinanceuae import account_permissions, common
from tests.support import details
from tests.support.details import NOW


@pytest.mark.parametrize("make", details.EVERY_TYPE, ids=lambda make: make.__name__)
def test_what_a_type_says_is_translated(make):
    detail = make()
    described = types.offered()[detail["type"]].describe
    with override("en"):
        english = described(detail)
    with override("ar"):
        arabic = described(detail)

    pairs = [(english.title, arabic.title), (english.question, arabic.question)]
    pairs += [(english.approve, arabic.approve), (english.refuse, arabic.refuse)]
    pairs += zip(_sentences(english), _sentences(arabic), strict=True)
    assert [one for one, other in pairs if one == other] == []


def _sentences(described):
    for group in described.groups:
        yield group.title
        yield from (permission.sentence for permission in group.permissions)
    yield from (fact.label for fact in described.facts)


def test_every_word_of_a_table_is_translated():
    tables: list[Mapping[Any, str]] = [STATE_WORDS, KINDS, common.PURPOSES, common.CUSTOMERS]
    tables += account_permissions.SENTENCES.values()

    with override("ar"):
        left = [word for table in tables for word in table.values() if gettext(word) == word]

    assert left == []


@pytest.mark.parametrize("days", [0, 1, 2, 3, 11, 90, 120, 365, 366, 730, 4000])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_length_can_be_said_in_every_language(days, language):
    with override(language):
        said = lengths.in_words(since=NOW, until=NOW + timedelta(days=days))

    assert said
    assert "%" not in said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, "1 hour"),
        (24, "1 day"),
        (24 * 90, "90 days"),
        (24 * 120, "about 4 months"),
        (24 * 365, "one year"),
        (24 * 730, "about 2 years"),
    ],
)
def test_a_length_is_what_a_person_would_say(hours, said):
    with override("en"):
        assert lengths.in_words(since=NOW, until=NOW + timedelta(hours=hours)) == said


def test_the_page_runs_right_to_left(tpp, person):
    detail = details.payment_initiation(now=timezone.now())
    pushed = tpp.push(authorization_details=json.dumps([detail]))
    page = person.opens(tpp, pushed.json()["request_uri"])
    path = page.request["PATH_INFO"]
    person.browser.post(path, {"accounts": ["acc-1"]})

    shown = person.browser.get(
        path.removesuffix("/accounts"), headers={"Accept-Language": "ar"}
    ).content.decode()

    assert '<html lang="ar" dir="rtl">' in shown
    assert "هل تريد إجراء هذه الدفعة؟" in shown
    assert '<bdi class="literal" dir="ltr">1250.00 AED</bdi>' in shown
    assert '<bdi class="literal" dir="ltr">AE07 0331 2345 6789 0123 456</bdi>' in shown
