"""A condition is written once, and asked of a query, of a lock and of a row at hand."""

from datetime import timedelta

import pytest
from django.db import connection, models
from django.db.models import Exists, Q
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.storage.conditions import NOW, Condition
from authserver.storage.prepared import Parameter
from authserver.storage.share_lock import ShareLock
from authserver.tokens import validity
from clients.models import Client, Participant
from consents.models import Consent


@pytest.mark.parametrize(
    "written",
    [
        ~Q(state="revoked"),
        Q(state="active") & ~Q(is_active=False),
        Q(state="active") ^ Q(is_active=True),
        Q(expires_at__lte=NOW),
        Q(expires_at__isnull=True),
        Q(name__contains="x"),
        Q(Exists(Ecosystem.objects.all())),
    ],
)
def test_it_says_what_is_and_nothing_that_python_cannot_answer(written):
    with pytest.raises((TypeError, ValueError), match="a condition"):
        Condition(written)


def test_it_is_moved_along_relations():
    alive = Condition(Q(state="active")) & Condition(Q(ends=None) | Q(ends__gt=NOW))

    assert alive.fields == {"state", "ends"}
    assert alive.under("client").fields == {"client__state", "client__ends"}
    assert alive.if_any("client").fields == {"client", "client__state", "client__ends"}
    now = timezone.now()
    assert alive.under("client").q(now=now) == Q(client__state="active") & (
        Q(client__ends=None) | Q(client__ends__gt=now)
    )
    assert Condition(Q(ends__gt=NOW)).q(now=Now()) == Q(ends__gt=Now())


def test_an_instant_that_it_needs_is_not_made_up(db):
    ends = Consent(state="Authorized", expires_at=timezone.now())
    for ask in (Consent.ALIVE.q, lambda: Consent.ALIVE.holds(ends)):
        with pytest.raises(ValueError, match="instant"):
            ask()
    assert Ecosystem.ALIVE.holds(Ecosystem(is_active=True))


def test_what_is_not_there_is_greater_than_nothing_and_among_nothing():
    now = timezone.now()

    class Row(models.Model):
        ends = models.DateTimeField(null=True)
        other = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

        class Meta:
            app_label = "nowhere"
            managed = False

    later, none = Row(ends=now + timedelta(seconds=1)), Row()
    assert Condition(Q(ends__gt=NOW)).holds(later, now=now)
    assert not Condition(Q(ends__gt=NOW)).holds(none, now=now)
    assert not Condition(Q(ends__in=(None, 1))).holds(none)
    assert not Condition(Q(other__ends__gt=NOW)).holds(later, now=now)
    assert Condition(Q(ends__gt=NOW)).if_any("other").holds(later, now=now)


def test_a_lock_holds_every_row_that_it_looks_at(tpp):
    forgetful = ShareLock(
        lambda: Client.objects.filter(Client.ALIVE.q()).values_list("pk"),
        of=(Client, Participant),
    )

    with pytest.raises(ValueError, match="ecosystems_ecosystem"):
        forgetful.lock()


@pytest.mark.parametrize(
    ("lock", "tables"),
    [
        (validity.CLIENT, ["clients_client", "clients_participant", "ecosystems_ecosystem"]),
        (validity.PERSON, ["accounts_user", "accounts_enrolment"]),
        (validity.CONSENT, ["consents_consent"]),
    ],
)
def test_a_lock_is_for_sharing_and_takes_its_rows_in_one_order(tpp, person, granted, lock, tables):
    consent = Consent.objects.get()
    values = {"client": tpp.client.pk, "user": person.user.pk, "consent": consent.pk}

    with CaptureQueriesContext(connection) as sent:
        assert lock.lock(**values, now=timezone.now()) is not None

    [statement] = [each["sql"] for each in sent]
    assert [model._meta.db_table for model in lock.of] == tables
    if connection.features.has_select_for_update:
        held = ", ".join(f'"{table}"' for table in tables)
        assert statement.endswith(f" FOR SHARE OF {held}")
    assert "ORDER BY" not in statement


def test_a_lock_asks_for_what_else_has_to_be_so(tpp):
    named = validity.lock_of_the_caller(
        having=lambda clients: clients.filter(name=Parameter("name", models.CharField()))
    )

    assert named.lock(client=tpp.client.pk, name=tpp.client.name) == (tpp.client.pk,)
    assert named.lock(client=tpp.client.pk, name="another") is None
    Client.objects.update(state="suspended")
    assert named.lock(client=tpp.client.pk, name=tpp.client.name) is None


def test_a_lock_is_of_the_person_in_that_ecosystem(tpp, person, uae_tpp):
    ids = {"user": person.user.pk}

    assert validity.PERSON.lock(client=tpp.client.pk, **ids) is not None
    assert validity.PERSON.lock(client=uae_tpp.client.pk, **ids) is None
    Enrolment.objects.update(ecosystem=uae_tpp.ecosystem)
    assert validity.PERSON.lock(client=uae_tpp.client.pk, **ids) is not None
    User.objects.update(is_active=False)
    assert validity.PERSON.lock(client=uae_tpp.client.pk, **ids) is None


def test_a_value_that_is_missing_is_a_fault_of_the_caller(tpp):
    by = ShareLock(
        lambda: Ecosystem.objects.filter(slug=Parameter("slug", models.CharField())).values_list(
            "pk"
        ),
        of=(Ecosystem,),
    )

    with pytest.raises(KeyError):
        by.lock()
    assert by.lock(slug=tpp.ecosystem.slug) == (tpp.ecosystem.pk,)
