"""Whatever time an operator reads is told where the ecosystem is, and says so."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent, Refusal, Tally
from authserver.ecosystems.models import Ecosystem
from clients.models import ClientCertificate
from consents.models import Consent
from tests.support.operator import page

case = pytest.mark.case

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?+(?! Dubai time)")
OF_DJANGO = re.compile(r"\d[ \u00a0][ap]\.m\.|, noon|, midnight")
IN_UTC = {AuditEvent, Refusal, Tally}  # as the log writes them, and their columns say so
OF_NOBODY = {User, Group}


@pytest.fixture
def everything(granted, tpp, rs, ca, openfinance):
    Ecosystem.objects.update(time_zone="Asia/Dubai")
    ca.is_kept(openfinance, policy="not_checked")


def site_pages():
    return {model: each for model, each in admin.site._registry.items() if model not in IN_UTC}


@case("DC-10")
def test_every_time_on_every_page_is_told_where_the_ecosystem_is(boss, everything):
    told, with_times = set(), set()
    for model in site_pages():
        row = model._default_manager.first()
        if row is None:
            continue
        times = [each for each in model._meta.fields if isinstance(each, models.DateTimeField)]
        with_times |= {model} if any(getattr(row, each.attname) for each in times) else set()
        for url in (page(model, "changelist"), page(model, "change", row.pk)):
            text = boss.get(url).content.decode()
            assert OF_DJANGO.findall(text) == [], url
            found = TIME.findall(text)
            if model in OF_NOBODY:
                assert f"{found}".count("-") == 2 * len(found)
            else:
                assert found == [], url
            told |= {model} if " Dubai time" in text else set()

    assert told >= with_times - OF_NOBODY
    assert len(told) > 9


def test_a_time_of_a_consent_is_that_of_its_own_ecosystem(boss, everything, openfinance):
    Consent.objects.update(created_at=datetime(2026, 12, 31, 21, 30, 5, tzinfo=UTC))
    url = page(Consent, "change", Consent.objects.get().pk)
    assert "2027-01-01 01:30:05 Dubai time" in boss.get(url).content.decode()

    Ecosystem.objects.filter(pk=openfinance.pk).update(time_zone="Australia/Sydney")

    for shown in (url, page(Consent, "changelist")):
        assert "2027-01-01 08:30:05 Sydney time" in boss.get(shown).content.decode()


def test_an_export_is_in_utc_and_says_so(boss, everything):
    Consent.objects.update(created_at=datetime(2026, 12, 31, 21, 30, 5, tzinfo=UTC))

    assert "2026-12-31 21:30:05+00:00" in boss.get(page(Consent, "export")).content.decode()


def test_a_list_asks_for_no_zone_row_by_row(boss, everything, tpp):
    def asked():
        with CaptureQueriesContext(connection) as asked:
            boss.get(page(ClientCertificate, "changelist"))
        return len(asked)

    asked()
    row, few = ClientCertificate.objects.first(), asked()
    assert row is not None
    for number in range(10):
        row.pk, row.thumbprint = None, f"another-{number}"
        row.save(force_insert=True)

    assert asked() == few
