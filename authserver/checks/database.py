"""The database that a server is started on: whose it is, and whether it is this version's."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from authserver.ecosystems.models import Ecosystem
from authserver.storage import triggers
from clients.versions import VERSIONED

Check = Callable[..., list[CheckMessage]]

# A member of a superuser's role may take it on.
MAY_BE_SUPERUSER = """
    SELECT EXISTS (
        SELECT 1 FROM pg_roles WHERE rolsuper AND pg_has_role(session_user, oid, 'MEMBER')
    )
"""


def where_there_are_tables(check: Check) -> Check:
    """What cannot be looked up is not judged: ``database_is_ready`` says that it cannot."""

    @wraps(check)
    def asked(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
        try:
            return check(app_configs, **kwargs)
        except DatabaseError:
            return []

    return asked


@register(Tags.security, deploy=True)
def database_is_ready(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Migrated as far as this version needs it; further, by a newer one, is no fault."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        tables = connection.introspection.table_names()
    except DatabaseError:
        return [
            Error(
                "the database of DATABASE_URL does not answer",
                hint="See that it runs and that this machine and role may use it.",
                id="authserver.E010",
            )
        ]
    if pending:
        return [
            Error(
                f"{len(pending)} migrations have not been run on the database",
                hint="Run manage.py migrate; the version that runs now can go on meanwhile.",
                id="authserver.E011",
            )
        ]
    if settings.CACHES["default"]["LOCATION"] not in tables:
        return [
            Error(
                "the table of the cache is missing, which counts sign-ins and used codes",
                hint="Run manage.py createcachetable.",
                id="authserver.E012",
            )
        ]
    return []


@register(Tags.security, deploy=True)
@where_there_are_tables
def role_is_no_superuser(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One injected statement of a superuser's reads files and runs programs. A demo is nobody's."""
    if connection.vendor != "postgresql" or settings.DEMO:
        return []
    with connection.cursor() as cursor:
        cursor.execute(MAY_BE_SUPERUSER)
        if not cursor.fetchone()[0]:
            return []
    return [
        Error(
            "the role of DATABASE_URL is a superuser of the database, or may become one",
            hint="Give the server a role of its own: CREATE ROLE authserver LOGIN, which owns the"
            " database and nothing else.",
            id="authserver.E013",
        )
    ]


@register(Tags.security, deploy=True)
@where_there_are_tables
def two_factors_are_asked_for(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One factor is for the conformance suite, whose browser has no second one."""
    weak = Ecosystem.objects.filter(
        Ecosystem.ALIVE.q(), login_policy=Ecosystem.LoginPolicy.ONE_FACTOR
    )
    return [
        Warning(
            f"a password alone is enough to sign in at {slug}",
            hint="Switch the ecosystem off when the conformance tests are done.",
            id="authserver.W001",
        )
        for slug in weak.values_list("slug", flat=True)
    ]


@register(Tags.security, deploy=True)
@where_there_are_tables
def versions_are_kept(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without these triggers a process would go on giving by what was registered before."""
    wanting = triggers.missing(VERSIONED, connection)
    if not wanting or not triggers.have_columns(VERSIONED, connection):  # see database_is_ready
        return []
    return [
        Error(
            f"the database lacks {len(wanting)} triggers, or has them switched off, by which"
            " changes of what is registered are noticed",
            hint="Run manage.py migrate, which makes them.",
            id="authserver.E017",
        )
    ]
