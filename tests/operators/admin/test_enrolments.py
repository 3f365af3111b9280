"""Whose identifier it is: one person's, named by the bank, entered by somebody else."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from authserver.accounts import actions
from authserver.accounts.models import Enrolment, User
from authserver.audit.models import AuditEvent
from authserver.outbound import Fetched
from clients.models import ResourceServer
from consents.account_source import SourceUnavailable, read_name
from consents.models import Consent
from consents.offered_accounts import offered_to
from tests.support import details, world
from tests.support.bank import Bank
from tests.support.operator import (
    errors_of,
    events_since,
    last_event,
    mark,
    page,
    saved,
    verbs_of,
)

pytestmark = pytest.mark.case("AD-05", "AD-03", "AD-13")


@pytest.fixture(autouse=True)
def at_the_bank(monkeypatch) -> Bank:
    made = Bank(people={"C-1": "Sara Naji", "C-2": "Sara Naji", "mariam": "Mariam Haddad"})
    monkeypatch.setattr("consents.account_source.fetch_json", made.fetch_json)
    return made


@pytest.fixture
def sara(db):
    return User.objects.create_user("sara", display_name="Sara")


def enrolling(operator, user, ecosystem, **typed):
    """What the form answers when the operator enrols this person as C-1."""
    known = {"user": user.pk, "ecosystem": ecosystem.pk, "person_id": "C-1"}
    return operator.adds(Enrolment, **{**known, **typed})


def refused(response, field):
    errors = errors_of(response)
    assert set(errors) == {field}, errors
    return errors[field][0]


def test_the_bank_names_the_person_and_the_operator_confirms(operator, sara, bank, openfinance):
    before = mark()

    asked = enrolling(operator, sara, openfinance)
    sentence = refused(asked, "confirmed_name")
    assert (
        "The bank knows Sara Naji by this identifier. Here the person is called Sara." in sentence
    )
    assert "Yes, this is Sara Naji." in asked.content.decode()
    assert not Enrolment.objects.exists()

    saved(enrolling(operator, sara, openfinance, confirmed_name="Sara Naji"))
    row = Enrolment.objects.get()
    assert (row.person_id, row.name_at_bank, row.needs_confirmation) == ("C-1", "Sara Naji", False)
    assert events_since(before) == ["person.enrolled"]
    changed = last_event().facts["changed"]
    assert (changed["person_id"], changed["name_at_bank"]) == (["", "C-1"], ["", "Sara Naji"])


@pytest.mark.parametrize("typed", ["", "Mariam Haddad", "sara naji", "on"])
def test_only_the_name_that_the_bank_gives_is_a_confirmation(
    operator, sara, bank, openfinance, typed
):
    refused(enrolling(operator, sara, openfinance, confirmed_name=typed), "confirmed_name")
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("what", ["unknown", "down", "elsewhere"])
def test_where_the_bank_does_not_say_nothing_is_stored(
    operator, sara, bank, openfinance, at_the_bank, monkeypatch, what
):
    if what == "unknown":
        at_the_bank.people.clear()
    if what == "down":
        at_the_bank.fault = "it took too long"
    if what == "elsewhere":
        bank.account_source_token = "given for the bank"
        bank.save()
        ResourceServer.objects.update(account_source_url="https://other.example.com")

    response = enrolling(operator, sara, openfinance, confirmed_name="Sara Naji")

    assert "The bank does not say who this is" in refused(response, "person_id")
    assert not Enrolment.objects.exists()
    if what == "elsewhere":
        assert at_the_bank.asked == []


def test_a_switched_off_source_is_asked_all_the_same(operator, sara, bank, openfinance):
    ResourceServer.objects.update(is_active=False)

    refused(enrolling(operator, sara, openfinance), "confirmed_name")


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "c-1", "name": "Sara"},
        {"id": "C-1", "name": ""},
        {"id": "C-1", "name": "\u200b"},
        {"id": "C-1", "name": "Sa\u202era"},
        {"id": "C-1", "name": 7},
        {"name": "Sara"},
        ["Sara"],
        None,
    ],
)
def test_an_answer_that_is_not_about_this_identifier_names_nobody(answer):
    with pytest.raises(SourceUnavailable):
        read_name(answer, person_id="C-1")


def test_two_banks_name_one_person(operator, sara, bank, openfinance, monkeypatch):
    second = world.participant("Second", ecosystem=openfinance)
    ResourceServer.objects.create(
        ecosystem=openfinance,
        participant=second,
        name="Second",
        identifier="https://second.example.com",
        account_source_url="https://second.example.com",
    )
    names = {"bank.example.com": "Sara Naji", "second.example.com": "Salim Odeh"}

    def fetch(url, **how):
        named = names[url.split("/")[2]]
        return Fetched(status=200, json={"id": "C-1", "name": named}, headers={})

    monkeypatch.setattr("consents.account_source.fetch_json", fetch)
    refused(enrolling(operator, sara, openfinance, confirmed_name="Sara Naji"), "person_id")
    names["second.example.com"] = "Sara Naji"
    saved(enrolling(operator, sara, openfinance, confirmed_name="Sara Naji"))


def test_anothers_identifier_is_refused(operator, sara, bank, openfinance):
    mariam = world.person("mariam", openfinance)

    response = enrolling(
        operator, sara, openfinance, person_id="mariam", confirmed_name="Mariam Haddad"
    )

    assert "another person's here" in str(errors_of(response))
    assert [each.user for each in Enrolment.objects.all()] == [mariam]


def test_also_while_the_others_enrolment_has_ended(operator, boss, sara, bank, openfinance):
    """Whoever had it comes back by a button; to give it to its owner the old row is forgotten."""
    mariam = world.person("mariam", openfinance)
    operator.presses(mariam.enrolments.get(), "end")
    typed = {"person_id": "mariam", "confirmed_name": "Mariam Haddad"}
    assert errors_of(enrolling(operator, sara, openfinance, **typed))

    assert operator.presses(mariam.enrolments.get(), "remove").status_code == 403
    boss.presses(mariam.enrolments.get(), "remove")

    saved(enrolling(operator, sara, openfinance, **typed))


@pytest.mark.parametrize("active", [True, False])
def test_the_database_holds_it_whoever_writes(sara, openfinance, uae, active):
    mariam = world.person("mariam", openfinance)
    mariam.enrolments.update(is_active=active)

    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(user=sara, ecosystem=openfinance, person_id="mariam")
    with pytest.raises(actions.PersonIdTaken):
        actions.enrol(sara, ecosystem=openfinance, person_id="mariam", by="x")
    assert actions.enrol(sara, ecosystem=uae, person_id="mariam", by="x")


def test_somebody_quicker_is_told_of(operator, sara, bank, openfinance, monkeypatch):
    def taken(*args, **kwargs):
        raise actions.PersonIdTaken

    monkeypatch.setattr(actions, "enrol", taken)
    response = enrolling(operator, sara, openfinance, confirmed_name="Sara Naji")

    assert response["Location"] == page(Enrolment, "changelist")
    assert not Enrolment.objects.exists()


def test_another_identifier_is_confirmed_again_and_ends_what_was_given(
    operator, tpp, granted, person
):
    row = person.user.enrolments.get()
    refused(operator.changes(row, person_id="C-1"), "confirmed_name")
    assert Consent.objects.get().state == "Authorized"
    before = mark()

    saved(operator.changes(row, person_id="C-1", confirmed_name="Sara Naji"))

    assert last_event().facts["changed"]["person_id"] == ["mariam", "C-1"]
    assert events_since(before) == ["consent.revoked", "person.enrolled"]
    assert tpp.refresh(granted["refresh_token"]).status_code == 400


def test_without_any_account_source_nobody_confirms_and_no_accounts_are_asked_for(
    operator, sara, openfinance, at_the_bank
):
    told = enrolling(operator, sara, openfinance)
    row = Enrolment.objects.get()
    assert saved(told)
    assert row.needs_confirmation
    world.bank(openfinance)

    with pytest.raises(SourceUnavailable):
        offered_to(row, details=[details.account_information()])
    assert at_the_bank.asked == []

    refused(operator.changes(row), "confirmed_name")
    saved(operator.changes(row, confirmed_name="Sara Naji"))
    row.refresh_from_db()
    assert offered_to(row, details=[details.account_information()])


# The bank may take its time.


@pytest.mark.case("F-07")
@pytest.mark.parametrize(
    ("colleague", "left"),
    [
        ({"person_id": "C-2"}, ("C-2", True)),
        ({"is_active": False}, ("mariam", False)),
        (None, None),
        ({}, ("C-1", True)),
    ],
    ids=["corrects", "ends", "forgets", "does nothing"],
)
def test_what_a_colleague_did_while_the_bank_was_asked_stands(
    operator, tpp, granted, person, at_the_bank, monkeypatch, colleague, left
):
    row = person.user.enrolments.get()
    rows = Enrolment.objects.filter(pk=row.pk)

    def fetch(url, **how):
        if colleague is None:
            rows.delete()
        elif colleague:
            rows.update(**colleague)
        return at_the_bank.fetch_json(url, **how)

    monkeypatch.setattr("consents.account_source.fetch_json", fetch)
    before = mark()
    response = operator.changes(row, person_id="C-1", confirmed_name="Sara Naji")

    assert rows.values_list("person_id", "is_active").first() == left
    if colleague == {}:
        assert saved(response)
        return
    assert response["Location"] == page(Enrolment, "changelist")
    assert events_since(before) == []
    assert Consent.objects.get().state == "Authorized"


# Nobody acts on themselves.


@pytest.fixture(params=["boss", "operator"])
def somebody(request, openfinance, tpp, person):
    """An operator who is a customer too, with a row of every kind that names a person."""
    found = request.getfixturevalue(request.param)
    actions.enrol(
        found.user, ecosystem=openfinance, person_id="C-1", by="test", name_at_bank="Sara Naji"
    )
    answer = person.approves(tpp, tpp.push().json()["request_uri"])
    tpp.redeem(answer["code"])
    for model in about_people():
        for field in naming(model):
            model.objects.filter(**{f"{field}__isnull": False}).exclude(
                **{field: found.user}
            ).update(**({field: found.user} if model is not Enrolment else {}))
    return found


def naming(model):
    return [each.name for each in model._meta.concrete_fields if each.related_model is User]


def about_people():
    """Every model of the site that names a person, by its columns."""
    return [model for model in admin.site._registry if naming(model)]


def own_rows(user):
    found = [user]
    for model in about_people():
        for field in naming(model):
            found += list(model._default_manager.filter(**{field: user}))
    return found


def test_there_are_rows_of_every_kind(somebody):
    kinds = {type(each).__name__ for each in own_rows(somebody.user)}

    assert {"User", "Enrolment", "Consent", "AccessToken"} <= kinds


def test_nobody_changes_a_row_about_themselves(somebody):
    before = mark()
    for row in own_rows(somebody.user):
        address = page(type(row), "change", row.pk)
        assert somebody.http.post(address, {"person_id": "C-2"}).status_code == 403, address
        for verb in verbs_of(type(row)):
            button = page(type(row), "do", row.pk, verb.name)
            for method in (somebody.http.get, somebody.http.post):
                assert method(button).status_code == 403, button
            assert f'id="do-{verb.name}"' not in somebody.get(address).content.decode()

    assert events_since(before) == []


def test_nobody_is_offered_for_what_they_make_themselves(somebody):
    """Every form that chooses a person leaves out who fills it in."""
    request = RequestFactory().get("/")
    request.user = somebody.user
    for model in about_people():
        site_page: Any = admin.site._registry[model]
        for name in naming(model):
            chosen = site_page.formfield_for_foreignkey(model._meta.get_field(name), request)
            assert somebody.user not in chosen.queryset, (model, name)


def test_nobody_enrols_themselves(somebody, uae):
    """With the identifier of a customer that is nobody's yet, and the right name."""
    response = enrolling(somebody, somebody.user, uae, confirmed_name="Sara Naji")

    assert refused(response, "user") == "Nobody does this for themselves: a colleague does."
    assert not Enrolment.objects.filter(ecosystem=uae).exists()


def test_a_colleague_does(boss, operator, uae):
    saved(enrolling(boss, operator.user, uae))

    assert AuditEvent.objects.filter(event="person.enrolled", actor="boss").exists()
