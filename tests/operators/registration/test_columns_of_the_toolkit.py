"""Of django-oauth-toolkit's models there is what is used, and no column and no table beside it."""

import pytest
from django.db import connection
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractRefreshToken,
)

from authserver.accounts.models import User
from authserver.tokens.models import (
    AccessToken,
    AuthorizationCode,
    DeviceGrant,
    IDToken,
    RefreshToken,
)
from clients.models import Client
from docs.generator import DOCS
from docs.generator.source import PRODUCT, modules

IDENTITY = {"id", "created", "updated"}


def inherited(model, abstract):
    names = {field.name for field in abstract._meta.local_fields}
    return {field.name for field in model._meta.concrete_fields} & names


def test_a_client_has_the_columns_that_are_read():
    assert inherited(Client, AbstractApplication) == IDENTITY | {
        "client_id",
        "name",
        "redirect_uris",
    }


def test_every_other_column_of_the_toolkits_client_is_named_nowhere_else():
    gone = {field.name for field in AbstractApplication._meta.local_fields}
    gone -= inherited(Client, AbstractApplication) | {
        "user",
        "algorithm",
        "client_secret",
    }  # words of others, too
    named = {
        f"{module.path}: {name}"
        for module in modules(*PRODUCT)
        for name in gone
        if name in module.text and module.name != "clients.models"
    }

    assert len(gone) == 8
    assert named == set()


OF_ALL_HANDLES = {"id", "user", "application", "created", "resource"}


@pytest.mark.parametrize(
    ("model", "abstract", "read", "unread"),
    [
        (
            AuthorizationCode,
            AbstractGrant,
            {"code", "expires", "redirect_uri", "scope", "code_challenge", "nonce", "claims"},
            {"updated", "code_challenge_method"},
        ),
        (
            AccessToken,
            AbstractAccessToken,
            {"token_checksum", "expires", "scope"},
            {"updated", "token"},
        ),
        (RefreshToken, AbstractRefreshToken, {"token_checksum", "revoked"}, {"updated", "token"}),
    ],
    ids=["code", "access token", "refresh token"],
)
def test_what_a_handle_has_is_read_or_its_reason_is_told(model, abstract, read, unread):
    reasons = (DOCS / "decisions" / "django-oauth-toolkit.md").read_text()

    assert inherited(model, abstract) == OF_ALL_HANDLES | read | unread
    assert [name for name in unread if f"- `{name}` is " not in reasons] == []


def test_the_empty_columns_are_empty(tpp, granted):
    assert set(AccessToken.objects.values_list("token", flat=True)) == {""}
    assert set(RefreshToken.objects.values_list("token", flat=True)) == {""}
    assert set(AuthorizationCode.objects.values_list("code_challenge_method", flat=True)) == {
        "S256"
    }


def test_what_is_never_stored_has_no_table(db):
    tables = set(connection.introspection.table_names())

    assert RefreshToken._meta.db_table in tables
    assert {IDToken._meta.db_table, DeviceGrant._meta.db_table}.isdisjoint(tables)
    assert not {each for each in tables if each.startswith("oauth2_provider_")}


def test_nothing_that_is_deleted_is_looked_for_in_such_a_table():
    """Django looks for what points at a row that goes: a model without a table points at none."""
    pointing = {
        relation.related_model
        for model in (Client, User)
        for relation in model._meta.related_objects
    }

    assert RefreshToken in pointing
    assert pointing.isdisjoint({IDToken, DeviceGrant})


def test_whoever_walks_over_all_models_finds_nothing_there(db):
    assert [IDToken.objects.count(), DeviceGrant.objects.count()] == [0, 0]
    assert list(IDToken._default_manager.filter(pk=1)) == []
