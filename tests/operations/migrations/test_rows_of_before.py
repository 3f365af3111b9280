"""Migrations that change or refuse rows, run over rows as the release before wrote them."""

import uuid
from datetime import timedelta

import pytest
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from structlog.testing import capture_logs

from authserver.storage.encryption import SecretElsewhere, unsealed
from tests.support.our_apps import OURS
from tests.operations.migrations.conftest import (
    AFTER,
    LIFETIMES,
    LIFETIMES_OF_CLIENTS,
    NAMES,
    PERSON,
    TOKEN,
)

case = pytest.mark.case
requirement = pytest.mark.requirement

BANK = "https://bank.example.com"


@pytest.mark.django_db  # the run's own database is made where a test asks for it, and only there
def test_every_migration_that_touches_rows_is_tried_here():
    touching = {
        key
        for key, migration in MigrationLoader(None).disk_migrations.items()
        if key[0] in OURS
        and any(
            isinstance(each, migrations.RunPython) and each.code is not each.noop
            for each in migration.operations
        )
    }

    assert touching == set(AFTER)


def ecosystem(database, slug="openfinance"):
    issuer = f"https://as.example.com/{slug}"
    return database.rows("ecosystems", "Ecosystem").create(
        slug=slug, name=slug, issuer=issuer, machine_base=issuer, profile="fapi2-security"
    )


def enrolled(database, username, where, person_id):
    user = database.rows("accounts", "User").create(username=username)
    return database.rows("accounts", "Enrolment").create(
        user=user, ecosystem=where, person_id=person_id
    )


@case("AD-05")
def test_people_with_identifiers_of_their_own_stay_enrolled(database):
    here, there = ecosystem(database), ecosystem(database, "uae")
    rows = [
        enrolled(database, "mariam", here, "C-1"),
        enrolled(database, "yusuf", here, "C-2"),
        enrolled(database, "sara", there, "C-1"),
    ]

    database.migrate(PERSON)

    found = database.now("accounts", "Enrolment").order_by("pk")
    assert list(
        found.values_list("pk", "person_id", "is_active", "name_at_bank", "needs_confirmation")
    ) == [(row.pk, row.person_id, True, "", False) for row in rows]


@case("AD-05")
def test_people_who_share_an_identifier_stop_it_and_are_named(database):
    here, there = ecosystem(database), ecosystem(database, "uae")
    shared = [enrolled(database, name, here, "C-1") for name in ("mariam", "yusuf")]
    other = enrolled(database, "sara", here, "C-2")
    elsewhere = [enrolled(database, name, there, "C-9") for name in ("omar", "huda", "salim")]

    with pytest.raises(RuntimeError) as refusal:
        database.migrate(PERSON)

    sentence = str(refusal.value)
    for slug, rows in (("openfinance", shared), ("uae", elsewhere)):
        keys = ", ".join(str(row.pk) for row in rows)
        assert f"{slug}: enrolments {keys}" in sentence
    assert "C-1" not in sentence
    assert "Ask the bank whose it is, correct the identifier" in sentence
    assert "delete their rows, stop the consents" in sentence
    assert sentence.endswith("migrate again. Nothing was changed.")
    assert not database.is_applied(*PERSON)
    assert database.rows("accounts", "Enrolment").count() == 6

    rows = database.rows("accounts", "Enrolment")
    rows.filter(pk=shared[1].pk).update(person_id="C-3")
    rows.filter(pk__in=[row.pk for row in elsewhere[1:]]).delete()
    database.migrate(PERSON)

    kept = database.now("accounts", "Enrolment").values_list("pk", "person_id")
    assert set(kept) == {
        (shared[0].pk, "C-1"),
        (shared[1].pk, "C-3"),
        (other.pk, "C-2"),
        (elsewhere[0].pk, "C-9"),
    }


@case("AD-05")
def test_of_very_many_the_first_are_named(database):
    here = ecosystem(database)
    for number in range(25):
        for name in ("one", "two"):
            enrolled(database, f"{name}-{number}", here, f"C-{number:02d}")

    with pytest.raises(RuntimeError) as refusal:
        database.migrate(PERSON)

    assert str(refusal.value).count("openfinance: enrolments") == 20


@case("AD-12")
def test_the_token_of_a_bank_is_sealed_for_its_address_and_opened_on_the_way_back(database):
    where = ecosystem(database)
    given = {"with": ("t0k3n", BANK), "without": ("", BANK), "nowhere": ("t0k3n-2", "")}
    for name, (token, url) in given.items():
        database.rows("clients", "ResourceServer").create(
            ecosystem=where,
            name=name,
            identifier=f"https://{name}.example.com",
            account_source_url=url,
            account_source_token=token,
        )

    database.migrate(TOKEN)

    sealed = dict(
        database.now("clients", "ResourceServer").values_list(
            "name", "encrypted_account_source_token"
        )
    )
    assert sealed["without"] == ""
    for name in ("with", "nowhere"):
        token, url = given[name]
        assert token not in sealed[name]
        assert unsealed(sealed[name], destination=url) == token
        with pytest.raises(SecretElsewhere):
            unsealed(sealed[name], destination="https://other.example.com")

    moved = database.now("clients", "ResourceServer").filter(name="nowhere")
    moved.update(account_source_url="https://other.example.com")
    database.migrate(("clients", "0003_participant_notification_url"))

    assert dict(
        database.rows("clients", "ResourceServer").values_list("name", "account_source_token")
    ) == {"with": "t0k3n", "without": "", "nowhere": ""}


@pytest.fixture
def consent(database):
    """Store a consent to details that have these names, decided at so many minutes."""
    first = timezone.now()
    clients = {}

    def client_of(where):
        participant = database.rows("clients", "Participant").create(
            ecosystem=where, legal_name="Tally", trading_name="Tally"
        )
        return database.rows("clients", "Client").create(
            client_id=where.slug, participant=participant, ecosystem=where
        )

    def store(where, *names, state="Authorized", authorized=None, changed=0):
        if where.pk not in clients:
            clients[where.pk] = client_of(where)
        row = database.rows("consents", "Consent").create(
            ecosystem=where,
            client=clients[where.pk],
            state=state,
            external_id=names[0] if names else "",
            authorization_details=[
                {"type": "x", "consent" if number else "Consent": {"ConsentId": name}}
                for number, name in enumerate(names)
            ],
            authorized_at=None if authorized is None else first + timedelta(minutes=authorized),
        )
        moment = first + timedelta(minutes=changed)
        database.rows("consents", "Consent").filter(pk=row.pk).update(state_changed_at=moment)
        return row

    return store


def names(database):
    found = database.now("consents", "ConsentName")
    return {(row.ecosystem.slug, row.name): row.consent_id for row in found.all()}


@requirement("CBUAE-2.4c")
def test_a_name_is_the_first_consents_that_was_authorized_and_the_others_are_logged(
    database, consent
):
    here, there = ecosystem(database), ecosystem(database, "uae")
    name = str(uuid.uuid4()).upper()
    consent(here, name, state="Rejected")
    late = consent(here, name, authorized=2)
    owner = consent(here, name, authorized=1, state="Revoked")
    held = consent(here, name.lower(), authorized=3, state="Suspended")
    consent(here, name, state="AwaitingAuthorization")
    elsewhere = consent(there, name, authorized=9)
    several = consent(here, "A", "b", authorized=4)
    refused = consent(here, "c", state="Rejected", changed=1)
    consent(here, "c", state="Rejected", changed=2)
    unnamed = consent(here, authorized=5)
    before = list(database.rows("consents", "Consent").order_by("pk").values())

    with capture_logs() as logged:
        database.migrate(NAMES)

    assert names(database) == {
        ("openfinance", name.lower()): owner.pk,
        ("uae", name.lower()): elsewhere.pk,
        ("openfinance", "a"): several.pk,
        ("openfinance", "b"): several.pk,
        ("openfinance", "c"): refused.pk,
    }
    assert unnamed.pk not in names(database).values()
    assert {(each["event"], each["consent"], each["owner"]) for each in logged} == {
        ("consents.name_is_shared", str(row.pk), str(owner.pk)) for row in (late, held)
    }
    assert list(database.rows("consents", "Consent").order_by("pk").values()) == before


@requirement("CBUAE-2.4c")
def test_what_is_begun_again_gives_the_same_names(database, consent, monkeypatch):
    """Each batch is kept for itself: a migration that broke off is run again."""
    monkeypatch.setattr(f"consents.migrations.{NAMES[1]}.BATCH", 2)
    here = ecosystem(database)
    rows = [consent(here, f"n-{number}", authorized=number) for number in range(5)]
    database.migrate(NAMES)
    given = names(database)
    assert list(given.values()) == [row.pk for row in rows]

    database.migrate(("consents", "0004_names_of_decided_consents"))
    database.migrate(NAMES)

    assert names(database) == given


@requirement("CBUAE-4.2a")
def test_lifetimes_that_cannot_be_meant_stop_it_and_none_is_an_empty_one(database):
    here, there = ecosystem(database), ecosystem(database, "uae")
    rows = database.rows("ecosystems", "Ecosystem")
    rows.filter(pk=here.pk).update(access_token_seconds=0, request_uri_seconds=599)
    rows.filter(pk=there.pk).update(transaction_seconds=10**6, pushed_requests_per_client=0)

    with pytest.raises(RuntimeError) as refusal:
        database.migrate(LIFETIMES)

    assert "uae: transaction_seconds is 1000000, not 60 to 3600." in str(refusal.value)
    assert "openfinance" not in str(refusal.value)
    assert not database.is_applied(*LIFETIMES)
    assert rows.get(pk=here.pk).access_token_seconds == 0

    rows.filter(pk=there.pk).update(transaction_seconds=600)
    database.migrate(LIFETIMES)
    columns = ("access_token_seconds", "request_uri_seconds", "transaction_seconds")
    kept = rows.order_by("pk").values_list(*columns, "pushed_requests_per_client")
    assert list(kept) == [(None, 599, None, 5000), (None, None, 600, 1)]


@requirement("CBUAE-4.2a")
def test_a_lifetime_of_a_client_stops_it_too(database, consent):
    consent(ecosystem(database))
    rows = database.rows("clients", "Client")
    rows.update(access_token_seconds=29)

    with pytest.raises(RuntimeError) as refusal:
        database.migrate(LIFETIMES_OF_CLIENTS)

    assert "access_token_seconds is 29, not 30 to 3600." in str(refusal.value)
    rows.update(access_token_seconds=30)
    database.migrate(LIFETIMES_OF_CLIENTS)
    assert rows.get().access_token_seconds == 30
