"""A database of its own that goes back to what stood before the migrations that change rows."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from tests.support.databases import postgresql_database

ALIAS = "migrated"
BEFORE = [
    ("accounts", "0001_initial"),
    ("clients", "0003_participant_notification_url"),
    ("consents", "0004_names_of_decided_consents"),
    ("ecosystems", "0005_claims"),
]
PERSON = ("accounts", "0002_one_person_of_an_identifier")
TOKEN = ("clients", "0004_account_source_token_encrypted")
NAMES = ("consents", "0005_names_that_are_taken")
LIFETIMES = ("ecosystems", "0006_sensible_lifetimes")
LIFETIMES_OF_CLIENTS = ("clients", "0006_sensible_lifetimes")
AFTER = [PERSON, TOKEN, NAMES, LIFETIMES, LIFETIMES_OF_CLIENTS]
TABLES = [
    ("consents", "Consent"),
    ("clients", "ResourceServer"),
    ("clients", "Client"),
    ("clients", "Participant"),
    ("accounts", "Enrolment"),
    ("accounts", "User"),
    ("ecosystems", "Ecosystem"),
]


class Database:
    """``model`` is one as the migrations knew it before, ``now`` as they know it afterwards."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.migrate(*BEFORE)
        loader = MigrationExecutor(connection).loader
        self._before = loader.project_state(BEFORE).apps
        self._now = loader.project_state(AFTER).apps

    def migrate(self, *targets: tuple[str, str]) -> None:
        MigrationExecutor(self.connection).migrate(list(targets))

    def is_applied(self, app: str, name: str) -> bool:
        return (app, name) in MigrationExecutor(self.connection).loader.applied_migrations

    def rows(self, app: str, model: str) -> Any:
        return self._before.get_model(app, model).objects.using(ALIAS)

    def now(self, app: str, model: str) -> Any:
        return self._now.get_model(app, model).objects.using(ALIAS)


@pytest.fixture(scope="module")
def migrated(
    django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> Iterator[Database]:
    """Made once: going back takes a moment, where all migrations from nothing take long."""
    settings = connections["default"].settings_dict
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    with ExitStack() as made, django_db_blocker.unblock():
        if connections["default"].vendor == "sqlite":
            name = str(tmp_path_factory.mktemp("migrations") / "db.sqlite3")
            shutil.copy(empty_database, name)
        else:
            name = f"migrated_{uuid.uuid4().hex[:12]}"
            made.enter_context(postgresql_database(os.environ["DATABASE_URL"], name))
        connections.settings[ALIAS] = {**settings, "NAME": name, "OPTIONS": options}
        connection = connections[ALIAS]
        try:
            yield Database(connection)
        finally:
            connection.close()
            del connections.settings[ALIAS]
            delattr(connections._connections, ALIAS)


@pytest.fixture
def database(migrated: Database) -> Iterator[Database]:
    """The one of the module: at what stood before, and empty again afterwards."""
    yield migrated
    for table in TABLES:
        migrated.rows(*table).all().delete()
    migrated.migrate(*BEFORE)
