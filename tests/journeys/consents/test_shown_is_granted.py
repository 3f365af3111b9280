"""What leaves is what was on the page: claims, purpose, resources, in every place they appear."""

import base64
import html
import json
from typing import Any

import pytest
from django.urls import reverse

from authserver.protocol.specs.claims import SUPPORTED
from clients.models import ResourceServer
from consents.models import Consent
from tests.support import world
from tests.support.assertions import nothing_stored, refused
from tests.support.person import Person, answer_in, is_answer

case = pytest.mark.case
requirement = pytest.mark.requirement

SENTENCES = {
    "name": "Your full name",
    "given_name": "Your given name",
    "family_name": "Your family name",
    "preferred_username": "The user name that you sign in with",
    "email": "Your e-mail address",
}
OF_THE_PROTOCOL = {
    *("iss", "sub", "aud", "exp", "iat", "jti", "nonce"),
    *("auth_time", "acr", "amr", "at_hash", "s_hash"),
}
ASKED = json.dumps(
    {"userinfo": {"email": None, "preferred_username": None}, "id_token": {"name": None}}
)


@pytest.fixture
def narrow(tpp, openfinance):
    """A client for openid and accounts alone, in an ecosystem that offers every claim by name."""
    openfinance.claims = list(SUPPORTED)
    openfinance.save(update_fields=["claims"])
    tpp.client.scopes = ["openid", "accounts"]
    tpp.client.claims = ["name", "email", "preferred_username"]
    tpp.client.save()
    return tpp


@pytest.fixture
def person(openfinance, client):
    made = Person(world.person("mariam", openfinance), client)
    made.sign_in()
    return made


def payload_of(token: str) -> dict[str, Any]:
    """The claims of a compact JWS, unverified."""
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def told_on(page: Any) -> set[str]:
    """The claims that a page names, by the sentences of this test."""
    text = html.unescape(page.content.decode())
    return {
        name for name, sentence in SENTENCES.items() if f"<li><bdi>{sentence}</bdi></li>" in text
    }


def leaves(tpp: Any, code: str) -> dict[str, set[str]]:
    """The claims of the person in every answer to a client, by its place."""
    tokens = tpp.redeem(code).json()
    told = {"id_token": set(payload_of(tokens["id_token"])) - OF_THE_PROTOCOL}
    told["userinfo"] = set(tpp.userinfo(tokens["access_token"]).json()) - OF_THE_PROTOCOL
    refreshed = tpp.refresh(tokens["refresh_token"]).json()["access_token"]
    told["userinfo, later"] = set(tpp.userinfo(refreshed).json()) - OF_THE_PROTOCOL
    return told


@case("AZ-34")
@requirement("OIDCC-5.5", "OIDCC-3.1.2.4")
def test_claims_asked_for_by_name_are_on_the_page_in_the_row_and_on_the_receipt(narrow, person):
    page = person.opens(narrow, narrow.push(scope="openid", claims=ASKED).json()["request_uri"])

    assert told_on(page) == {"name", "email", "preferred_username"}
    told = leaves(narrow, answer_in(person.decides(page))["code"])
    assert told == {
        "id_token": {"name"},
        "userinfo": {"email", "preferred_username"},
        "userinfo, later": {"email", "preferred_username"},
    }
    consent = Consent.objects.get()
    assert consent.claims == {"id_token": ["name"], "userinfo": ["preferred_username", "email"]}
    for name in ("detail", "receipt"):
        shown = person.browser.get(reverse(f"consents:{name}", args=[consent.pk]))
        assert told_on(shown) == {"name", "email", "preferred_username"}


@requirement("OIDCC-5.5")
def test_nothing_by_name_is_nothing_on_the_page_and_nothing_told(narrow, person):
    page = person.opens(narrow, narrow.push(scope="openid").json()["request_uri"])

    assert told_on(page) == set()
    told = leaves(narrow, answer_in(person.decides(page))["code"])
    assert set().union(*told.values()) == set()


@requirement("OIDCC-3.1.2.4")
@pytest.mark.parametrize(
    "more",
    [
        {"claims": '{"userinfo": {"email": null, "name": null}}'},
        {"claims": '{"id_token": {"email": null}}'},  # the same claim, told elsewhere
        {"purpose": "To sell you something"},
        {"resource": world.BANK},
        {"scope": "openid accounts payments"},
    ],
    ids=["another claim", "another place", "another purpose", "another place of use", "scope"],
)
def test_a_remembered_consent_covers_the_same_or_less_and_nothing_else(narrow, person, more):
    narrow.client.scopes = ["openid", "accounts", "payments"]
    narrow.client.save()
    asked = {
        "scope": "openid accounts",
        "claims": '{"userinfo": {"email": null}}',
        "purpose": "To greet you",
    }
    person.approves(narrow, narrow.push(**asked).json()["request_uri"])

    for same_or_less in (asked, asked | {"claims": None}):
        again = person.opens(narrow, narrow.push(**same_or_less).json()["request_uri"])
        assert is_answer(again)
    page = person.opens(narrow, narrow.push(**asked | more).json()["request_uri"])

    assert not is_answer(page)
    assert b'name="decision"' in page.content


FIRST, SECOND = world.BANK, "https://second.example.com"
PLACES: list[tuple[str, ...]] = [(), (FIRST,), (SECOND,), (FIRST, SECOND)]


@requirement("OIDCC-3.1.2.4")
@pytest.mark.parametrize("asked", PLACES, ids=["none", "first", "second", "both"])
@pytest.mark.parametrize("agreed", PLACES, ids=["to none", "to first", "to second", "to both"])
def test_a_remembered_consent_covers_the_places_it_names(
    narrow, person, openfinance, bank, agreed, asked
):
    """Who agreed to no place by name agreed to what the scopes mean; by name, to those alone."""
    ResourceServer.objects.create(
        ecosystem=openfinance,
        participant=bank.participant,
        name="Second",
        identifier=SECOND,
        scopes=["accounts"],
    )

    def push(places):
        pushed = narrow.push(scope="openid accounts", resource=list(places) or None)
        return pushed.json()["request_uri"]

    person.approves(narrow, push(agreed))
    page = person.opens(narrow, push(asked))

    covered = asked == agreed if () in (asked, agreed) else set(asked) <= set(agreed)
    assert is_answer(page) is covered


@requirement("OIDCC-5.5")
def test_less_asked_again_is_less_told(narrow, person):
    person.approves(narrow, narrow.push(scope="openid", claims=ASKED).json()["request_uri"])

    answer = person.approves(
        narrow,
        narrow.push(scope="openid", claims='{"userinfo": {"email": null}}').json()["request_uri"],
    )

    told = leaves(narrow, answer["code"])
    assert told == {"id_token": set(), "userinfo": {"email"}, "userinfo, later": {"email"}}


@requirement("OIDCC-5.5")
@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_a_claim_that_is_not_registered_is_refused(narrow, name):
    asked = json.dumps({"userinfo": {name: None}})
    with nothing_stored():
        refused(narrow.push(scope="openid", claims=asked), "invalid_request", about="OIDCC-5.5")

    narrow.client.claims = [*narrow.client.claims, name]
    narrow.client.save()
    assert narrow.push(scope="openid", claims=asked).status_code == 201


@requirement("OIDCC-5.5")
def test_a_claim_that_the_ecosystem_does_not_offer_is_refused(narrow, openfinance):
    asked = '{"id_token": {"email": {"essential": true}}}'
    assert narrow.push(scope="openid", claims=asked).status_code == 201

    openfinance.claims = ["name"]
    openfinance.scopes = {"openid": "Know who you are"}
    openfinance.save()
    with nothing_stored():
        refused(narrow.push(scope="openid", claims=asked), "invalid_request", about="OIDCC-5.5")


@requirement("OIDCC-5.5.1")
def test_a_claim_that_nobody_knows_is_ignored_and_not_kept(narrow, person):
    asked = '{"userinfo": {"shoe_size": null, "email": null}}'
    answer = person.approves(
        narrow, narrow.push(scope="openid", claims=asked).json()["request_uri"]
    )

    assert leaves(narrow, answer["code"])["userinfo"] == {"email"}
    assert Consent.objects.get().claims == {"userinfo": ["email"]}


@requirement("CID-PURPOSE-3")
def test_the_purpose_that_was_sent_is_on_the_page_in_the_row_and_on_the_receipt(narrow, person):
    purpose = "To open an account <b>for you</b>"
    page = person.opens(narrow, narrow.push(purpose=purpose).json()["request_uri"])

    assert html.escape(purpose) in page.content.decode()
    assert "did not say" not in page.content.decode()
    person.decides(page)
    consent = Consent.objects.get()
    assert consent.purpose == purpose
    receipt = person.browser.get(reverse("consents:receipt", args=[consent.pk]))
    assert html.escape(purpose) in receipt.content.decode()


@requirement("CID-PURPOSE-3")
def test_a_purpose_that_fits_no_page_is_refused_under_every_profile(narrow):
    assert narrow.push(purpose="p" * 300).status_code == 201
    with nothing_stored():
        refused(narrow.push(purpose="p" * 301), "invalid_request", about="CID-PURPOSE-3")


@requirement("OIDCC-5.5")
def test_a_row_from_before_claims_were_kept_tells_what_its_scopes_cover(tpp, person):
    pushed = tpp.push(scope="openid email", claims='{"userinfo": {"name": null}}').json()
    tokens = tpp.redeem(person.approves(tpp, pushed["request_uri"])["code"]).json()
    assert set(tpp.userinfo(tokens["access_token"]).json()) == {"sub", "email", "name"}

    Consent.objects.update(claims=None)

    assert set(tpp.userinfo(tokens["access_token"]).json()) == {"sub", "email"}
