"""The trail has a retention for each kind of event, and what people decided is kept for ever."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from authserver.audit.events import FORGOTTEN, Event
from authserver.audit.models import AuditEvent, Tally
from authserver.audit.trail import tally
from authserver.tokens.purge import CACHE, purge

case = pytest.mark.case

KIND_OF = {event: kind for kind, events in FORGOTTEN.items() for event in events}
MUST_STAY = ("consent.", "person.", "ecosystem.", "client.", "participant.", "certificate.", "key.",
             "resource_server.", "code.", "admin.")  # fmt: skip


def left_after(days, **retentions):
    days_of = {name: timedelta(days=kept) for name, kept in retentions.items()}
    list(
        purge(
            now=timezone.now() + timedelta(days=days),
            token_retention=timedelta(0),
            refusal_retention=timedelta(0),
            **days_of,
        )
    )
    return set(AuditEvent.objects.values_list("event", flat=True))


@pytest.fixture
def one_of_each(db):
    for event in Event:
        AuditEvent.objects.create(event=event)


@case("PR-33")
def test_what_must_be_kept_has_no_retention():
    assert not [event for event in KIND_OF if event.startswith(MUST_STAY)]
    assert len(KIND_OF) == sum(len(events) for events in FORGOTTEN.values())


@case("PR-33")
@pytest.mark.parametrize("kind", sorted(FORGOTTEN))
def test_each_kind_goes_after_its_own_time(one_of_each, kind):
    retentions = {"login_retention": 9000, "traffic_retention": 9000} | {f"{kind}_retention": 30}

    assert left_after(29, **retentions) == set(Event)
    assert left_after(31, **retentions) == set(Event) - set(FORGOTTEN[kind])


@case("PR-33")
def test_without_a_retention_everything_stays(one_of_each):
    assert left_after(100_000) == set(Event)


@case("PR-33")
def test_nothing_goes_within_the_hour(one_of_each):
    assert left_after(0, login_retention=0, traffic_retention=0) == set(Event)
    assert left_after(1, login_retention=0, traffic_retention=0) == set(Event) - KIND_OF.keys()


@case("PR-33")
def test_the_command_reads_the_settings(one_of_each, settings):
    settings.TRAFFIC_RETENTION_DAYS, settings.LOGIN_RETENTION_DAYS = 10, 20
    AuditEvent.objects.update(at=timezone.now() - timedelta(days=15))

    call_command("purge", stdout=StringIO())

    left = set(AuditEvent.objects.values_list("event", flat=True))
    assert left == set(Event) - set(FORGOTTEN["traffic"])


@case("PR-33")
def test_tallies_and_counts_of_attempts_go_too(db):
    tally(Event.LOGIN_FAILED)
    tally(Event.LOGIN_FAILED)
    cache.set("attempt", [1.0], 300)
    kept = {"token_retention": timedelta(0), "refusal_retention": timedelta(0)}
    later = timezone.now() + timedelta(hours=2)

    assert Tally.objects.get().times == 2
    assert dict(purge(now=timezone.now(), **kept))[CACHE] == 0
    assert dict(purge(now=later, **kept))[CACHE] == 1
    assert Tally.objects.exists()
    list(purge(now=later + timedelta(days=2), login_retention=timedelta(days=1), **kept))
    assert not Tally.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {CACHE}")  # noqa: S608
        assert cursor.fetchone() == (0,)
