"""Refusals are kept for whoever asks why, and not for ever."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from authserver.audit.models import AuditEvent, Refusal
from authserver.tokens import purge
from tests.support.assertions import refused
from tests.support.purging import purged

pytestmark = pytest.mark.case("PR-33")


@pytest.mark.case("PR-33")
def test_they_go_after_their_retention_and_not_before(tpp):
    refused(tpp.redeem("unknown"), "invalid_grant")

    assert "audit_refusal" not in purged(days=29)
    assert Refusal.objects.get().client_id == "tpp"
    assert purged(days=31)["audit_refusal"] == 1
    assert not Refusal.objects.exists()


@pytest.mark.parametrize(("days", "left"), [(91, 0), (89, 1)])
def test_the_command_asks_the_setting(tpp, settings, days, left):
    tpp.redeem("unknown")
    Refusal.objects.update(at=timezone.now() - timedelta(days=days))
    tpp.redeem("unknown as well")

    out = StringIO()
    call_command("purge", stdout=out)

    assert f"audit_refusal: {1 - left}" in out.getvalue().splitlines()
    assert Refusal.objects.count() == 1 + left
    settings.REFUSAL_RETENTION_DAYS = 200
    Refusal.objects.update(at=timezone.now() - timedelta(days=199))
    call_command("purge", stdout=out)
    assert Refusal.objects.count() == 1 + left


def test_many_go_in_batches(tpp, monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _ in range(5):
        tpp.redeem("unknown")

    assert purged(days=31)["audit_refusal"] == 5


def test_the_trail_stays(tpp, granted):
    AuditEvent.objects.update(at=timezone.now() - timedelta(days=4000))
    before = AuditEvent.objects.count()

    purged(days=4000)
    assert AuditEvent.objects.count() == before > 0
