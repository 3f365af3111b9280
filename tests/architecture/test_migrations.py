"""The migrations say what the models say."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.state import ProjectState

from authserver.storage.migrating import DropPatternIndexes
from tests.support.our_apps import OURS

# They were made for tables that nobody had filled yet.
OF_EMPTY_TABLES = {("consents", "0002"), ("tokens", "0002")}


def test_no_migration_is_missing():
    """What ``makemigrations --check`` asks, without a database."""
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))

    missing = {
        label: [str(operation.describe()) for each in found for operation in each.operations]
        for label, found in detector.changes(graph=loader.graph).items()
        if label in OURS
    }

    assert {"clients", "consents", "tokens", "ecosystems", "oauth2_provider"} <= OURS
    assert missing == {}


def test_an_index_comes_and_goes_under_load():
    """CONCURRENTLY, and so outside of a transaction: a table of millions is written meanwhile."""
    waiting, together = [], []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app not in OURS or (app, name[:4]) in OF_EMPTY_TABLES:
            continue
        for each in migration.operations:
            if type(each) in (AddIndex, RemoveIndex):
                waiting.append(f"{app} {name}: {each.describe()}")
            is_ours = isinstance(each, (AddIndex, RemoveIndex, DropPatternIndexes))
            if is_ours and migration.atomic:
                together.append(f"{app} {name}: {each.describe()}")

    assert waiting == []
    assert together == []
