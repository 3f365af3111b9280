"""A ConsentId names one consent of its ecosystem, from the first decision on."""

import json
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Http
from django.utils import timezone

from authserver.protocol.errors import AccessDenied
from consents import actions, names
from consents.models import Consent, ConsentName, ConsentState
from tests.support import details, world
from tests.support.assertions import nothing_stored, refused
from tests.support.person import Person, answer_in

requirement = pytest.mark.requirement

AUTHORIZED = ConsentState.AUTHORIZED
CHOICES = {"accounts": [{"id": "acc-1", "name": "Everyday"}]}
DECIDED = "already decided"


def consent_of(name, **changes):
    return details.account_access(now=timezone.now(), ConsentId=name, **changes)


def push(tpp, *asked):
    return tpp.push(authorization_details=json.dumps(asked), redirect_uri=tpp.client.redirect_uris)


def opened(person, tpp, *asked):
    """The review page of a request, in a browser of its own."""
    other = Person(person.user, Http())
    other.sign_in()
    page = other.opens(tpp, push(tpp, *asked).json()["request_uri"])
    path = page.request["PATH_INFO"]
    return other, other.follow(other.browser.post(path, {"accounts": ["acc-1"]}))


def names_of(kind):
    """What is asked first and what is asked beside it, with one name in common."""
    name = str(uuid.uuid4())
    return {
        "again": ([consent_of(name)], [consent_of(name)]),
        "in capitals": ([consent_of(name)], [consent_of(name.upper())]),
        "the second of two": (
            [consent_of(str(uuid.uuid4())), consent_of(name)],
            [consent_of(name)],
        ),
        "its second of two": (
            [consent_of(name)],
            [consent_of(str(uuid.uuid4())), consent_of(name)],
        ),
    }[kind]


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize("whose", ["its own client's", "another client's"])
@pytest.mark.parametrize("kind", ["again", "in capitals", "the second of two", "its second of two"])
def test_two_that_wait_with_one_name_are_not_both_approved(tpp, other_tpp, person, kind, whose):
    first, second = names_of(kind)
    rival = tpp if whose == "its own client's" else other_tpp
    one, its_page = opened(person, tpp, *first)
    two, other_page = opened(person, rival, *second)

    assert answer_in(one.decides(its_page))["code"]
    assert answer_in(two.decides(other_page))["error"] == "access_denied"

    assert Consent.objects.filter(state=AUTHORIZED).count() == 1
    with nothing_stored():
        refused(push(rival, *second), "invalid_authorization_details", about=DECIDED)


@requirement("CBUAE-2.4c")
def test_two_names_are_both_approved(tpp, other_tpp, person):
    for each in (tpp, other_tpp):
        browser, page = opened(person, each, consent_of(str(uuid.uuid4())))
        assert answer_in(browser.decides(page))["code"]

    assert Consent.objects.filter(state=AUTHORIZED).count() == 2


@requirement("CBUAE-2.4c")
def test_another_ecosystem_has_names_of_its_own(tpp, uae, make_tpp):
    name = str(uuid.uuid4())
    for each in (tpp, make_tpp("foreign", uae)):
        staged(each, consent_of(name))

    for each in Consent.objects.all():
        ConsentName.objects.bulk_create(names.rows_of(each))

    assert ConsentName.objects.filter(name=name).count() == 2


@requirement("CBUAE-2.4c")
def test_what_was_refused_has_its_name(tpp, person):
    name = str(uuid.uuid4())
    one, its_page = opened(person, tpp, consent_of(name))
    two, other_page = opened(person, tpp, consent_of(name))

    assert answer_in(one.decides(its_page, approve=False))["error"] == "access_denied"
    assert answer_in(two.decides(other_page))["error"] == "access_denied"
    refused(push(tpp, consent_of(name)), "invalid_authorization_details", about=DECIDED)


def staged(tpp, *asked, **columns):
    client = tpp.client
    return Consent.objects.create(
        client=client, ecosystem=client.ecosystem, authorization_details=list(asked), **columns
    )


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_a_chain_is_its_owners_however_its_name_is_written(tpp, person, openfinance, written):
    name = str(uuid.uuid4())
    first = staged(tpp, consent_of(str(uuid.uuid4())), consent_of(name))
    actions.approve(first, user=person.user, choices=CHOICES, now=timezone.now())
    renewal = consent_of(str(uuid.uuid4()), BaseConsentId=written(name))
    stranger = world.person("stranger", openfinance)

    with pytest.raises(AccessDenied, match="another person"):
        actions.approve(staged(tpp, renewal), user=stranger, choices=CHOICES, now=timezone.now())
    actions.approve(staged(tpp, renewal), user=person.user, choices=CHOICES, now=timezone.now())


@requirement("CBUAE-2.4c")
def test_the_database_holds_it(tpp):
    one, two = (staged(tpp, consent_of("a")) for _ in range(2))
    columns = {"ecosystem": tpp.ecosystem, "name": "a"}
    ConsentName.objects.create(consent=one, **columns)

    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentName.objects.create(consent=two, **columns)
