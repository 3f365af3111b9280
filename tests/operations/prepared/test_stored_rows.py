"""The rows that tests start from are stored by statements of their own: they are the ORM's rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from authserver.accounts.models import Enrolment
from authserver.ecosystems.models import Ecosystem
from clients.models import Client, ClientCertificate, Participant, ResourceServer
from tests.support import world


def columns(model):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")  # noqa: S608
        names = [each[0] for each in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"updated": None, "version": None} for row in rows]  # written at every save


@pytest.mark.parametrize(
    "model", [Ecosystem, Participant, Client, ClientCertificate, ResourceServer, Enrolment]
)
def test_saving_a_stored_row_again_changes_nothing_in_it(openfinance, bank, tpp, model):
    world.person("mariam", openfinance)
    stored = columns(model)
    assert stored

    for row in model.objects.all():
        row.save()

    assert columns(model) == stored


def test_a_stored_row_knows_its_number_and_when_it_was_made(openfinance):
    assert Ecosystem.objects.get() == openfinance
    assert not openfinance._state.adding
    assert openfinance.created_at == Ecosystem.objects.get().created_at
    assert timezone.now() - openfinance.created_at < timedelta(minutes=1)
