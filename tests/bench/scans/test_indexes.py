"""Every index of a table that grows has a statement that asks for it, or holds a rule."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import ForeignKey, Model, QuerySet
from django.utils import timezone

from authserver.accounts.models import Enrolment, User
from authserver.audit.models import AuditEvent, Refusal
from authserver.tokens.models import (
    AccessToken,
    AuthorizationCode,
    PushedRequest,
    RefreshToken,
)
from clients.models import Client, ClientCertificate, Participant
from consents.models import Consent
from tests.bench.scans.conftest import ON_POSTGRESQL, connection
from tests.bench.scans.plans import recorded
from tests.bench.scans.stretches import STRETCHES

pytestmark = ON_POSTGRESQL

# Nothing asks for these: no two rows may be alike, whoever writes them.
RULES = {
    "accounts_user_uid_key": "subjects are derived from it",
    "accounts_user_username_key": "somebody who signs in is one person",
    "clients_clientcertificate_pkey": "a row has a key",
    "mfa_authenticator_pkey": "allauth's own",
    "one_consent_for_a_name_per_ecosystem": "a client's name for a consent is one consent's",
    "one_person_of_an_identifier": "a bank's identifier is one person's",
    "one_legal_name_per_ecosystem": "a participant is one company",
    "unique_authenticator_type": "allauth's own: a person has one authenticator app",
}
# Rows of these are deleted, so the database looks for what points at them.
DELETED = (User, Client, Participant, Consent, AuthorizationCode, RefreshToken, PushedRequest)


def foreign_keys(tables: Collection[str]) -> Iterator[QuerySet[Any]]:
    for model in models_of(tables):
        for field in model._meta.concrete_fields:
            target: Any = field.related_model
            if isinstance(field, ForeignKey) and issubclass(target, DELETED):
                key = target._default_manager.order_by("-pk").values("pk")[:1].get()
                yield model._default_manager.filter(**{field.attname: key["pk"]}).order_by()


def keys(tables: Collection[str]) -> Iterator[QuerySet[Any]]:
    for model in models_of(tables):
        key = model._default_manager.values("pk")[:1].get()
        yield model._default_manager.filter(pk=key["pk"]).order_by()


# What the lists of operators choose by, and the order in which they show it.
LISTS: tuple[tuple[type[Model], str, dict[str, Any]], ...] = (
    (
        User,
        "date_joined",
        {
            "is_staff": True,
            "is_active": False,
            "email__iexact": "X@EXAMPLE.COM",
            "username__begins": "zz",
            "display_name__begins": "zz",
        },
    ),
    (Client, "pk", {"ecosystem": 0}),
    (Participant, "pk", {"ecosystem": 0}),
    (ClientCertificate, "pk", {"thumbprint": "x"}),
    (Enrolment, "enrolled_at", {"ecosystem": 0, "is_active": False, "needs_confirmation": True}),
    (Consent, "created_at", {"ecosystem": 0, "state": "Revoked", "client": 1, "user": 1}),
    (Consent, "pk", {"external_id": "x"}),
    (AccessToken, "pk", {"application": 1}),
    (RefreshToken, "pk", {"application": 1}),
    (AuthorizationCode, "pk", {"application": 1}),
    (
        AuditEvent,
        "at",
        dict.fromkeys(("event", "ecosystem", "client_id", "subject", "actor"), "x"),
    ),
    (AuditEvent, "pk", {"interaction_id": "x"}),
    (
        Refusal,
        "at",
        dict.fromkeys(("ecosystem", "client_id", "clause", "endpoint", "error", "address"), "x"),
    ),
    (Refusal, "pk", {"interaction_id": "x"}),
)


def operators() -> Iterator[QuerySet[Any]]:
    for model, order, chosen_by in LISTS:
        yield model._default_manager.order_by(f"-{order}")
        for lookup, value in chosen_by.items():
            yield model._default_manager.filter(**{lookup: value}).order_by(f"-{order}")


def clear_sessions() -> Iterator[QuerySet[Any]]:
    """What ``manage.py clearsessions`` deletes."""
    yield Session.objects.filter(expire_date__lt=timezone.now() - timedelta(days=300))


def models_of(tables: Collection[str]) -> Iterator[type[Model]]:
    return (model for model in apps.get_models() if model._meta.db_table in tables)


def asked(tables: Collection[str]) -> set[str]:
    """The indexes that a statement uses."""
    with recorded(connection) as plans, connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_custom_plan")  # for what is rare among the rows
        for queries in (keys(tables), foreign_keys(tables), operators(), clear_sessions()):
            for query in queries:
                list(query.values("pk")[:10])
        cursor.execute("RESET plan_cache_mode")
        for stretch in STRETCHES.values():
            stretch()
    return plans.indexes


def there_are(tables: Collection[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s)", [list(tables)])
        return {name for (name,) in cursor.fetchall()}


def test_nothing_is_written_for_nobody(filled):
    used = asked(filled)

    assert ", ".join(sorted(there_are(filled) - used - RULES.keys())) == ""
    assert sorted(RULES.keys() - there_are(filled)) == []


def test_an_index_that_nothing_asks_for_is_told(filled):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE INDEX for_nobody ON tokens_accesstoken (scope)")

    assert "for_nobody" in there_are(filled) - asked(filled) - RULES.keys()
