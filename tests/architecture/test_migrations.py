"""The migrations say what the models say."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.support.our_apps import OURS


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
