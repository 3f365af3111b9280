"""A text that somebody else chose changes the direction of nothing around it.

Whatever a page prints is either ours, in the page's language, and named here; or it stands in an
element that keeps its direction to itself: ``<bdi>``, or one with a ``dir`` of its own. Texts
that a page cannot isolate, in titles and attributes, are no part of a sentence.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Http
from django.utils import timezone

from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.tokens.models import AuthorizationTransaction
from clients.models import Participant
from consents.models import Consent
from tests.support import details
from tests.support.bank import EVERYDAY, JOINT, Bank
from tests.support.person import Person

case = pytest.mark.case

TEMPLATES = [path for path in Path("templates").rglob("*.html") if "admin" not in path.parts]
TITLE = re.compile(r"\{% block title %\}.*?\{% endblock %\}", re.DOTALL)
PRINTED = re.compile(r"\{\{\s*(.+?)\s*\}\}|\{% firstof (\S+) .*?%\}", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
MARK = re.compile("\x01([^\x02]+)\x02")
EMPTY = {"meta", "link", "input", "img", "hr", "br"}
OURS = {
    *("agreement.approve", "agreement.question", "agreement.refuse", "agreement.title"),
    *("card.agreement.title", "card.state.reason", "card.state.word", "entry.sentence"),
    *("state.reason", "state.word", "group.title", "payment.sealed_payee", "purpose"),
    *("error", "fact.label", "field", "field.help_text", "field.label", "redirect_field"),
    *("lead", "message", "sentence", "title", "length", "minutes", "n", "number", "of"),
    *("step", "steps", "codes_left"),
    # Dates and times.
    *("card.consent.authorized_at", "card.consent.expires_at", "card.consent.last_used_at"),
    *("card.ended_at", "consent.authorized_at", "consent.last_used_at", "date", "end"),
    *("ended_at", "entry.at", "fact.value", "payment.execution_date"),
    # Names and numbers that we gave: of languages, codes of errors, of recovery, references.
    *("name", "code", "clause", "interaction_id", "secret"),
}
# For those who connect to us: in English whatever the page's language, all of it from us.
IN_ENGLISH = {"templates/profile.html"}


class Places(HTMLParser):
    """Every text of a document, and whether an element around it isolates it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[tuple[str, bool]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append((tag, "dir" in dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not {"title", "style"} & {tag for tag, _ in self.open}:
            alone = bool(self.open) and self.open[-1][1] and self.open[-1][0] != "html"
            self.texts.append((data, alone or "bdi" in {tag for tag, _ in self.open}))


def printed_bare(template):
    """The expressions that the template prints where nothing isolates them, without filters."""
    source = TITLE.sub("", template)
    source = PRINTED.sub(lambda found: f"\x01{found[1] or found[2]}\x02", source)
    for text, isolated in Places(TAG.sub("", source)).texts:
        if not isolated:
            yield from (found.split("|")[0] for found in MARK.findall(text))


@case("AZ-34")
@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_what_is_not_ours_is_isolated(path):
    bare = set(printed_bare(path.read_text()))

    if str(path) in IN_ENGLISH:
        assert not {each for each in bare if each.endswith((".name", ".subject"))}
    else:
        assert sorted(bare - OURS) == []


def test_the_list_names_what_is_printed():
    printed = {each for path in TEMPLATES for each in printed_bare(path.read_text())}

    assert sorted(OURS - printed) == []


def test_a_bare_name_is_found():
    page = """<title>{{ a }}</title><p dir="rtl">{{ b }} <b>{{ c|upper }}</b></p>
        <bdi><b>{{ d }}</b></bdi>{% firstof e "f" %}<a href="{{ g }}" dir="auto">{{ h }}</a>"""

    assert list(printed_bare(page)) == ["c", "e"]


HEBREW = re.compile("[\u0590-\u05ff]+")


def bare_hebrew(response):
    """The Hebrew words of a page that nothing isolates, and how many there are in all."""
    assert response.status_code == 200
    texts = Places(response.content.decode()).texts
    found = [(word, isolated) for text, isolated in texts for word in HEBREW.findall(text)]
    return [word for word, isolated in found if not isolated], len(found)


@pytest.fixture
def in_hebrew(tpp, person, openfinance, monkeypatch):
    """Everybody who chooses a text has chosen one that runs from right to left."""
    bank = Bank()
    bank.answer = [
        EVERYDAY | {"name": "חשבון ראשי", "type": "חשבון"},
        JOINT | {"name": "בית", "reason": "לא הוסכם"},
    ]
    monkeypatch.setattr("consents.account_source.fetch_json", bank.fetch_json)
    Ecosystem.objects.filter(pk=openfinance.pk).update(
        name="הבנק הפתוח",
        support="תמיכה",
        logo_text="ב",
        scopes=dict.fromkeys(openfinance.scopes, "לראות הכול"),
    )
    Participant.objects.filter(pk=tpp.client.participant_id).update(
        trading_name="ספרים", legal_name="ספרים בעם", registration_number="מספר"
    )
    User.objects.update(display_name="מרים")
    return tpp


def payment():
    names = {"creditorName": "נמען", "remittanceInformationUnstructured": "חשבונית"}
    return details.payment_initiation(now=timezone.now(), **names)


@case("AZ-34")
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("kind", ["data", "payment"])
def test_a_text_of_the_other_direction_stands_apart(in_hebrew, person, language, kind):
    tpp, browser = in_hebrew, person.browser
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    data = details.account_information(now=timezone.now(), purpose="לתכנן")
    detail = data if kind == "data" else payment()
    pages = {}

    def asked(somebody):
        wanted = {"authorization_details": json.dumps([detail]), "purpose": "להכיר אותך"}
        return somebody.opens(tpp, tpp.push(**wanted).json()["request_uri"])

    visitor = Person(person.user, Http())
    visitor.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    pages["sign in"] = asked(visitor)
    pages["accounts"] = asked(person)
    path = pages["accounts"].request["PATH_INFO"]
    pages["review"] = person.follow(browser.post(path, {"accounts": ["acc-1"]}))
    pages["returning"] = person.decides(pages["review"])
    consent = Consent.objects.get(state="Authorized")
    for name in ("", f"{consent.pk}", f"{consent.pk}/receipt", f"{consent.pk}/revoke"):
        pages[f"consents/{name}"] = browser.get(f"/consents/{name}")
    pages["home"] = browser.get("/accounts/")
    pages["finished"] = browser.get(
        path.replace("/consent/", "/authorize/").removesuffix("/accounts")
    )
    late = asked(person).request["PATH_INFO"]
    AuthorizationTransaction.objects.update(expires_at=timezone.now())
    pages["ended"] = person.follow(browser.get(late))

    bare = {name: bare_hebrew(page) for name, page in pages.items()}

    assert {name: found for name, (found, _) in bare.items() if found} == {}
    assert {name for name, (_, count) in bare.items() if count < 2} == set()
