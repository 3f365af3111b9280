"""The database itself gives what is registered another version, whoever changes it, and how."""

import pytest
from django.apps import apps
from django.db import connection, models

from authserver.checks.database import versions_are_kept
from authserver.ecosystems.models import RevocationList
from authserver.storage import triggers
from authserver.storage.versions import ITSELF
from clients.models import ClientKeySet
from clients.versions import VERSIONED
from tests.support import world

case = pytest.mark.case

# Of the apps in which something is registered: what no process keeps.
KEPT_BY_NOBODY = {
    "Contact": "operators look at it",
    "RevokedCertificate": "asked for each certificate, each time",
}
WAYS = [
    (owner, model, way)
    for owner, changed_by in VERSIONED.items()
    for model, way in changed_by.items()
]
named = pytest.mark.parametrize(
    ("owner", "model", "way"), WAYS, ids=[f"{o.__name__} by {m.__name__}" for o, m, _ in WAYS]
)
FIELDS = [
    (owner, model, way, field)
    for owner, model, way in WAYS
    for field in model._meta.concrete_fields
    if not field.primary_key and field.name != "version"
]


@pytest.fixture
def registered(tpp):
    """At least one row of every model in which something is registered."""
    ClientKeySet.objects.get_or_create(client=tpp.client, defaults={"uri": "https://tpp.example"})
    if not tpp.client.certificates.exists():
        world.register_certificate(tpp.client, tpp.certificate)
    RevocationList.objects.get_or_create(anchor=tpp.ecosystem.trust_anchors.first())


def of(owner, model, way, row):
    """The version that the row has, or that it hangs on."""
    versioned = row
    for step in () if way == ITSELF else way.split("__"):
        versioned = getattr(versioned, step)
    assert isinstance(versioned, owner)
    return owner.objects.values_list("version", flat=True).get(pk=versioned.pk)


def test_what_is_registered_has_a_version():
    models_of_it = {
        model.__name__
        for label in ("clients", "ecosystems", "keys")
        for model in apps.get_app_config(label).get_models()
    }

    assert models_of_it == {model.__name__ for _, model, _ in WAYS} | set(KEPT_BY_NOBODY)


@pytest.mark.parametrize(
    ("owner", "model", "way", "field"),
    FIELDS,
    ids=[f"{model.__name__}.{field.name}" for _, model, _, field in FIELDS],
)
def test_a_change_of_any_field_is_another_version(registered, owner, model, way, field):
    row = model.objects.first()
    before = of(owner, model, way, row)

    model.objects.filter(pk=row.pk).update(**{field.name: models.F(field.name)})

    assert of(owner, model, way, row) != before


@named
def test_a_statement_past_the_orm_is_another_version(registered, owner, model, way):
    row = model.objects.first()
    before = of(owner, model, way, row)

    with connection.cursor() as cursor:
        table, key = model._meta.db_table, model._meta.pk.column
        cursor.execute(f"UPDATE {table} SET {key} = {key}")  # noqa: S608  names of our own

    assert of(owner, model, way, row) != before


@named
def test_a_row_that_comes_or_goes_is_another_version(registered, owner, model, way):
    """A copy of a row, made and taken away by the database alone."""
    if way == ITSELF:
        assert of(owner, model, way, model.objects.first()) != 0
        return
    row = model.objects.first()
    before = of(owner, model, way, row)

    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608
        gone = of(owner, model, way, row)
        model.objects.bulk_create([row])

    assert len({before, gone, of(owner, model, way, row)}) == 3


@named
def test_a_start_without_a_trigger_is_refused(db, owner, model, way):
    assert versions_are_kept(None) == []

    ours = [each.name for each in triggers.triggers({owner: {model: way}}, connection.vendor)]
    triggers.remove_named([ours[0]], connection)

    [error] = versions_are_kept(None)
    assert error.id == "authserver.E017"
    triggers.install(VERSIONED, connection)
    assert versions_are_kept(None) == []
