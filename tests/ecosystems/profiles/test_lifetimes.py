"""What rows set in seconds: too short or too long is refused by the form and by the database."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from authserver.checks.lifetimes import lifetimes_are_within_the_profile
from authserver.ecosystems import lifetimes
from authserver.ecosystems.models import Ecosystem
from authserver.protocol import profiles
from clients.models import Client

requirement = pytest.mark.requirement
OURS = ("ecosystems", "clients", "consents", "accounts", "tokens", "keys", "replay", "audit")
LIMITS = {
    (model, field.name): lifetimes.SECONDS[field.name]
    for model in apps.get_models()
    if model._meta.app_label in OURS
    for field in model._meta.concrete_fields
    if field.name.endswith("_seconds")
} | {(Ecosystem, "pushed_requests_per_client"): lifetimes.WAITING_REQUESTS}
EVERY = pytest.mark.parametrize(
    ("model", "name", "least", "most"),
    [(*key, *limits) for key, limits in LIMITS.items()],
    ids=[f"{model.__name__}.{name}" for model, name in LIMITS],
)
RULES = {
    "access_token_seconds": ("access_token_lifetime", "max_access_token_lifetime"),
    "request_uri_seconds": ("request_uri_lifetime", "max_request_uri_lifetime"),
    "authorization_code_seconds": ("authorization_code_lifetime",),
    "transaction_seconds": ("transaction_lifetime",),
}


@pytest.fixture
def rows(tpp):
    return {Ecosystem: tpp.ecosystem, Client: tpp.client}


@requirement("CBUAE-4.2a")
@EVERY
def test_the_shortest_passes_and_a_shorter_one_does_not(rows, model, name, least, most):
    row = rows[model]
    setattr(row, name, least)
    row.full_clean()

    for wrong in (0, least - 1):
        setattr(row, name, wrong)
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert set(refusal.value.message_dict) == {name}


@requirement("CBUAE-4.2a")
@EVERY
def test_the_database_takes_no_other(rows, model, name, least, most):
    stored = model.objects.filter(pk=rows[model].pk)
    for right in (least, most):
        assert stored.update(**{name: right}) == 1

    for wrong in (0, least - 1, most + 1, 2**31 - 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            stored.update(**{name: wrong})
    assert stored.values_list(name, flat=True).get() == most


def test_every_number_of_an_ecosystem_and_a_client_has_limits():
    numbers = {
        (model, field.name)
        for model in (Ecosystem, Client)
        for field in model._meta.concrete_fields
        if isinstance(field, models.IntegerField) and field.editable and not field.primary_key
    }

    assert numbers == set(LIMITS)


@requirement("CBUAE-4.2a")
@pytest.mark.parametrize("profile", profiles.OFFERED.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("name", lifetimes.SECONDS)
def test_what_a_profile_says_is_within_them(profile, name):
    least, most = lifetimes.SECONDS[name]
    times = [getattr(profile, rule).total_seconds() for rule in RULES[name]]

    assert [time for time in times if not least <= time <= most] == []
    assert times == sorted(times)


@requirement("CBUAE-4.2a")
def test_one_that_the_profile_cuts_short_is_said_at_the_start(openfinance):
    assert lifetimes_are_within_the_profile(None) == []
    Ecosystem.objects.update(access_token_seconds=3600)

    [warning] = lifetimes_are_within_the_profile(None)

    assert warning.id == "authserver.W004"
    assert "openfinance: access_token_seconds" in warning.msg
    assert "At most 600" in (warning.hint or "")
    openfinance.refresh_from_db()
    assert openfinance.access_token_lifetime == openfinance.rules.max_access_token_lifetime
    Ecosystem.objects.update(is_active=False)
    assert lifetimes_are_within_the_profile(None) == []


@requirement("CBUAE-4.2a")
@pytest.mark.parametrize(
    "migration",
    [
        "authserver.ecosystems.migrations.0006_sensible_lifetimes",
        "clients.migrations.0006_sensible_lifetimes",
    ],
)
def test_the_migration_has_the_limits_of_the_fields(migration):
    limits = import_module(migration).LIMITS

    model = Client if migration.startswith("clients") else Ecosystem
    assert limits == {name: pair for (of, name), pair in LIMITS.items() if of is model}
