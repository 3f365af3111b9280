"""A consent ends at its instant; the command only notes it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from authserver.audit.models import AuditEvent
from consents import expiry
from consents.models import Consent, ConsentState
from consents.states import state_of
from tests.support import world

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture
def make(tpp, openfinance):
    user = world.person("mariam", openfinance)

    def make(state, *, ends):
        return Consent.objects.create(
            ecosystem=openfinance, client=tpp.client, user=user, state=state, expires_at=ends
        )

    return make


@case("TK-17")
@requirement("CBUAE-2.4c")
def test_reading_looks_at_the_clock_and_not_at_the_command(make):
    now = timezone.now()
    over = make(ConsentState.AUTHORIZED, ends=now)

    assert not over.is_alive(now=now)
    assert not Consent.objects.alive(now=now).exists()
    assert state_of(over, now=now) == ConsentState.EXPIRED
    assert state_of(over, now=now - timedelta(seconds=1)) == ConsentState.AUTHORIZED


@requirement("CBUAE-2.4c")
def test_the_command_notes_what_is_over_and_nothing_else(make):
    now = timezone.now()
    past, future = now - timedelta(minutes=1), now + timedelta(minutes=1)
    over = {make(state, ends=past) for state in (ConsentState.AUTHORIZED, ConsentState.SUSPENDED)}
    kept = {
        make(ConsentState.AUTHORIZED, ends=future),
        make(ConsentState.AUTHORIZED, ends=None),
        make(ConsentState.AWAITING, ends=past),
        make(ConsentState.REVOKED, ends=past),
    }
    before = {each.pk: each.state for each in kept}

    out = StringIO()
    call_command("expire_consents", stdout=out)

    assert out.getvalue() == "2 consents ended\n"
    assert set(Consent.objects.filter(state=ConsentState.EXPIRED)) == over
    assert {each.pk: each.state for each in Consent.objects.filter(pk__in=before)} == before
    found = AuditEvent.objects.filter(event="consent.expired")
    assert {event.subject for event in found} == {str(each.pk) for each in over}
    assert {event.actor for event in found} == {"system"}


def test_many_are_noted_in_batches(make, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 2)
    now = timezone.now()
    for _ in range(5):
        make(ConsentState.AUTHORIZED, ends=now)

    assert expiry.expire_due(now=now) == 5
    assert expiry.expire_due(now=now) == 0
