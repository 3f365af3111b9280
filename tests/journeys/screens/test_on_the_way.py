"""Pages of signing in know whose request the person is on the way through, and how far they are."""

import re

import pytest
from django.http import QueryDict
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts import actions
from authserver.tokens.models import AuthorizationTransaction
from clients.models import Participant
from tests.support import world
from tests.support.authenticator_app import App
from tests.support.guest import Guest
from tests.support.person import Person, answer_in

case = pytest.mark.case


@pytest.fixture
def visitor(openfinance):
    """Mariam, sent here by a client, and not signed in."""
    user = world.person("mariam", openfinance)
    actions.add_second_factor(user, secret=App.secret, by="test")
    return Person(user, Http())


def step_on(page):
    found = re.search(r"Step (\d) of (\d)", page.content.decode())
    return found and tuple(map(int, found.groups()))


def test_the_first_page_says_who_sent_the_person(tpp, visitor):
    page = visitor.opens(tpp, tpp.push().json()["request_uri"]).content.decode()

    assert "<bdi>Tpp</bdi> sent you to <bdi>Openfinance</bdi>" in page
    assert "Tpp Limited" in page
    assert "12345" in page


def test_every_page_counts_its_step(tpp, visitor):
    guest = Guest(visitor.browser)
    sign_in = visitor.opens(tpp, tpp.push().json()["request_uri"])
    resume = QueryDict(sign_in.request["QUERY_STRING"])["next"]
    code = visitor.follow(guest.enters_password("mariam", going_to=resume))
    review = visitor.follow(guest.enters_code(App().code()))

    assert [step_on(page) for page in (sign_in, code, review)] == [(1, 3), (2, 3), (3, 3)]


def test_who_was_signed_in_before_has_fewer_steps(tpp, visitor):
    visitor.sign_in()

    review = visitor.opens(tpp, tpp.push().json()["request_uri"])

    assert step_on(review) == (1, 1)


@case("AZ-20")
def test_a_person_can_cancel_while_signing_in(tpp, visitor):
    page = visitor.opens(tpp, tpp.push().json()["request_uri"]).content.decode()
    action = re.search(r'action="([^"]+/cancel)"', page)
    assert action, page
    assert 'id="journey-cancel"' in page

    answer = visitor.follow(visitor.browser.post(action[1]))

    assert answer_in(answer)["error"] == "access_denied"
    assert AuthorizationTransaction.objects.get().completed_at is not None


@case("AZ-13")
def test_a_copied_address_tells_another_browser_nothing(tpp, visitor):
    page = visitor.opens(tpp, tpp.push().json()["request_uri"])
    path, query = page.request["PATH_INFO"], page.request["QUERY_STRING"]

    copied = Http().get(f"{path}?{query}").content.decode()

    assert "Tpp" in page.content.decode()
    assert "Tpp" not in copied
    assert "Step" not in copied


@pytest.mark.parametrize(
    "going_to", ["/openfinance/authorize/unknown", "//[", "/consents/", "http://[::1"]
)
def test_a_strange_way_on_is_no_journey(stranger, openfinance, going_to):
    page = stranger.get(reverse("account_login"), {"next": going_to})

    assert page.status_code == 200
    assert "Step" not in page.content.decode()


@case("AZ-43")
def test_no_page_carries_what_was_pushed(tpp, visitor):
    pushed = tpp.push(state="canary-state", nonce="canary-nonce").json()["request_uri"]

    page = visitor.opens(tpp, pushed)

    assert "canary" not in page.content.decode()
    assert pushed.rpartition(":")[2] not in page.content.decode()


@case("AZ-34")
def test_a_hostile_name_is_text(tpp, visitor):
    name = '<script>alert(1)</script>"\u202e'
    Participant.objects.filter(pk=tpp.client.participant_id).update(trading_name=name)

    page = visitor.opens(tpp, tpp.push().json()["request_uri"]).content.decode()

    assert "<script" not in page
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in page


@case("AZ-20")
@pytest.mark.parametrize("approve", [True, False])
def test_the_way_back_says_whether_anything_was_shared(tpp, person, approve):
    page = person.opens(tpp, tpp.push().json()["request_uri"])

    shown = person.decides(page, approve=approve).content.decode()

    assert ("Nothing was shared and nothing was paid." in shown) is not approve
    assert ("stop it, at any time under My consents" in shown) is approve
