"""``insert`` stores what ``create`` does, and ``create`` is Django's: for every model of both."""

from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authserver.storage.prepared import PreparedInserts
from consents.models import Consent
from tests.operations.prepared.stored import columns_of

MODELS: list[Any] = [
    model
    for model in apps.get_models()
    if isinstance(model._default_manager.all(), PreparedInserts)
]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
left_out = pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param(model, field.attname, id=f"{model._meta.label}.{field.name}")
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.has_db_default() and not field.has_default()
    ],
)


@pytest.fixture
def filled(tpp, person, monkeypatch):
    """A function: a value for every column of a model that is not filled by itself."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    numbers = count()

    def value(field: Any) -> Any:
        if isinstance(field, models.ForeignKey):
            to: Any = field.related_model
            return {
                "User": lambda: person.user,
                "Client": lambda: tpp.client,
                "Ecosystem": lambda: tpp.ecosystem,
                "Consent": lambda: Consent.objects.create(
                    ecosystem=tpp.ecosystem, client=tpp.client
                ),
            }.get(to.__name__, lambda: to.objects.create(**columns(to)))()
        if isinstance(field, models.DateTimeField):
            return now
        if isinstance(field, models.JSONField):
            return {"n": [1, None]}
        if field.name == "token":  # of anything else the toolkit makes the digest anew
            return ""
        return f"\u0645 {next(numbers)}"

    def columns(model: Any) -> dict[str, Any]:
        return {
            field.name: value(field)
            for field in model._meta.concrete_fields
            if not (field.null or field.has_default() or field.has_db_default())
            and not (field.primary_key or getattr(field, "auto_now", False))
            and not getattr(field, "auto_now_add", False)
        }

    return columns


def default_of(field: Any) -> Any:
    return getattr(field.db_default, "value", field.db_default)


def is_one_rows_own(field: Any) -> bool:
    together = [name for each in field.model._meta.constraints for name in each.fields]
    return field.unique or field.is_relation or field.name in together


def without_what_is_unique(row: models.Model) -> dict[str, Any]:
    stored = columns_of(row)
    return {
        field.attname: stored[field.attname]
        for field in row._meta.concrete_fields
        if field.attname in stored and not is_one_rows_own(field)
    }


def test_there_are_such_models():
    assert {"AccessToken", "AuditEvent", "Consent"} <= {model.__name__ for model in MODELS}
    assert {type(model._default_manager.all()).create for model in MODELS} == {
        models.QuerySet.create
    }


@each_model
def test_insert_stores_what_create_stores(model, filled):
    by_default = {
        field.name: default_of(field)
        for field in model._meta.concrete_fields
        if field.has_db_default() and not field.has_default()
    }
    usual, columns = filled(model), filled(model) | by_default
    text = {
        field.name: usual[field.name]
        for field in model._meta.concrete_fields
        if field.name in usual and not is_one_rows_own(field)
    }

    created = model.objects.create(**usual)
    with CaptureQueriesContext(connection) as captured:
        inserted = model.objects.insert(**columns | text)

    assert len(captured) == 1
    assert without_what_is_unique(inserted) == without_what_is_unique(created)
    assert not inserted._state.adding
    assert inserted._state.db == "default"


@each_model
def test_create_does_all_that_djangos_does(model, filled):
    told = []

    def tell(sender: Any, created: bool, **_: Any) -> None:
        told.append((sender, created))

    post_save.connect(tell, sender=model)
    try:
        model.objects.create(**filled(model))
    finally:
        post_save.disconnect(tell, sender=model)

    assert told == [(model, True)]


@left_out
def test_create_leaves_a_column_to_the_database(model, name, filled):
    row = model.objects.create(**filled(model))
    row.refresh_from_db()

    assert getattr(row, name) == default_of(model._meta.get_field(name))


@left_out
def test_insert_refuses_to(model, name, filled):
    columns = filled(model) | {
        field.name: default_of(field)
        for field in model._meta.concrete_fields
        if field.has_db_default() and not field.has_default() and field.attname != name
    }
    before = model.objects.count()

    with pytest.raises(TypeError, match="left to the database"):
        model.objects.insert(**columns)

    assert model.objects.count() == before
