"""A sentence on a page states a fact: "Active" is said of what a token can be used for.

Each of the things that end a token, one at a time, against introspection and every page that
shows the consent's state.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems import actions as ecosystems
from authserver.ecosystems.models import Ecosystem
from authserver.tokens import validity
from clients import actions as clients
from clients.models import Client, Participant
from consents import actions
from consents.models import Consent, ConsentState
from consents.presentation import STATE_WORDS, state_in_words
from consents.validity import Stopped, stopped_by
from tests.support.operator import Operator
from tests.support.sentences import sentences_in_code, sentences_in_templates

case = pytest.mark.case
requirement = pytest.mark.requirement

STOPS = {
    "nothing": (lambda tpp, person, consent: None, "Active"),
    "consent revoked": (
        lambda tpp, person, consent: actions.revoke(consent, by="mariam", now=timezone.now()),
        "Stopped",
    ),
    "consent on hold": (
        lambda tpp, person, consent: actions.suspend(consent, by="clerk", now=timezone.now()),
        "On hold",
    ),
    "consent over": (
        lambda tpp, person, consent: Consent.objects.update(
            expires_at=timezone.now() - timedelta(seconds=1)
        ),
        "Ended",
    ),
    "client": (
        lambda tpp, person, consent: clients.suspend_client(tpp.client, by="clerk"),
        "On hold",
    ),
    "participant": (
        lambda tpp, person, consent: clients.suspend_participant(
            tpp.client.participant, by="clerk"
        ),
        "On hold",
    ),
    "ecosystem": (
        lambda tpp, person, consent: ecosystems.switch(tpp.ecosystem, on=False, by="clerk"),
        "On hold",
    ),
    "enrolment": (
        lambda tpp, person, consent: person.user.enrolments.update(is_active=False),
        "On hold",
    ),
    "person": (
        lambda tpp, person, consent: type(person.user).objects.update(is_active=False),
        "On hold",
    ),
}
each_stop = pytest.mark.parametrize(("stop", "word"), STOPS.values(), ids=STOPS)


def words_on(page):
    return {
        re.sub(r"<[^>]+>", "", each)
        for each in re.findall(r'<span class="state[^>]*>[^<]*', page.content.decode())
    }


@case("CD-14", "CD-15", "LG-23")
@each_stop
def test_active_is_said_of_what_introspection_calls_active(
    tpp, rs, person, granted, stop, word, django_user_model
):
    stop(tpp, person, Consent.objects.get())

    introspected = rs.introspect(granted["access_token"])
    consent = Consent.objects.select_related("client__participant__ecosystem", "user").get()
    said = state_in_words(consent, now=timezone.now())
    assert said.word == word
    assert (word == "Active") is (
        introspected.status_code == 200 and introspected.json()["active"] is True
    )
    clerk = Operator(django_user_model.objects.create_superuser("clerk", password="x"))
    for name, args in (("changelist", []), ("change", [consent.pk])):
        assert word in words_on(clerk.get(reverse(f"admin:consents_consent_{name}", args=args)))

    if not type(person.user).objects.get(pk=person.user.pk).is_active:
        return  # nobody can look
    ended = word in ("Stopped", "Ended")
    for url in (f"/consents/?show={'history' if ended else 'current'}", f"/consents/{consent.pk}"):
        page = person.browser.get(url)
        assert words_on(page) == {word}
        assert (said.reason in page.content.decode()) is True
    receipt = person.browser.get(f"/consents/{consent.pk}/receipt").content.decode()
    assert f"· {word}" in receipt
    assert said.reason in receipt


@case("CD-14")
def test_every_table_that_a_token_is_asked_about_is_one_that_is_shown():
    """A condition that is added to tokens is added to what a person is told."""
    locks = (validity.CLIENT, validity.PERSON, validity.CONSENT)
    locked = {model for lock in locks for model in lock.of}

    assert locked == {Client, Participant, Ecosystem, User, Enrolment, Consent}
    assert len(Stopped) == 3


@case("LG-23")
@pytest.mark.parametrize("state", ConsentState)
def test_every_state_has_its_own_word(tpp, person, state):
    made = Consent(
        ecosystem=tpp.ecosystem, client=tpp.client, user=person.user, state=state, scope="openid"
    )

    assert state_in_words(made, now=timezone.now()).word == STATE_WORDS[state]
    assert len(set(STATE_WORDS.values())) == len(ConsentState)
    assert stopped_by(made, now=timezone.now()) is None


@case("LG-23")
def test_what_is_on_hold_can_still_be_stopped(tpp, person, granted):
    clients.suspend_client(tpp.client, by="clerk")
    consent = Consent.objects.get()
    page = person.browser.get(f"/consents/{consent.pk}")
    assert b'id="consent-revoke"' in page.content
    assert b"the company is not let in here at present" in page.content

    person.browser.post(f"/consents/{consent.pk}/revoke")
    consent.refresh_from_db()
    assert consent.state == ConsentState.REVOKED


@case("LG-23")
def test_what_stopping_says_holds_for_who_checks_tokens_alone(person, tpp, granted):
    """A token that nobody asks about lives as long as one may: no page says otherwise."""
    consent = Consent.objects.get()
    page = person.browser.get(f"/consents/{consent.pk}/revoke").content.decode()

    longest = Ecosystem.objects.get().rules.max_access_token_lifetime
    assert f"can be used for {longest.seconds // 60} minutes more, at most" in page
    assert granted["expires_in"] <= longest.total_seconds()


NOT_SO = (
    "They are told of",  # nothing is sent
    "We have been told",  # nobody is: it is logged
    "here or with",  # a third party cannot stop a consent
    "nothing more is shared",  # a token lives out its minutes where nobody asks
    "participant's staff",  # has no way to look
    "minutes to decide",  # is no longer so a minute later
)


@pytest.mark.parametrize("claim", NOT_SO)
def test_no_page_and_no_document_says_what_is_not_so(claim):
    documents = [page.read_text() for page in (Path("README.md"), *Path("docs").glob("**/*.md"))]
    said = [*sentences_in_code(), *sentences_in_templates(), *documents]

    assert len(said) > 300
    assert not [text[:80] for text in said if claim in text]


@requirement("PRODUCT-5")
@pytest.mark.parametrize("policy", Ecosystem.LoginPolicy)
def test_a_second_factor_is_needed_where_it_is_asked_for(tpp, person, openfinance, policy):
    """The page that offers one says no more than that."""
    Ecosystem.objects.filter(pk=openfinance.pk).update(login_policy=policy)
    Authenticator.objects.all().delete()
    person.sign_in(factors=1)

    page = person.opens(tpp, tpp.push().json()["request_uri"])
    offer = person.browser.get("/accounts/second-factor/").content.decode()

    asks = policy == Ecosystem.LoginPolicy.TWO_FACTORS
    assert page.request["PATH_INFO"].startswith("/accounts/second-factor/") is asks
    assert (b'id="consent-approve"' in page.content) is not asks
    assert "where one is asked for, you need it to share data" in offer
