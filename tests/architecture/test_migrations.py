"""The migrations say what the models say."""

from django.apps import apps
from django.conf import settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

OURS = {app.label for app in apps.get_app_configs() if not app.path.count("site-packages")}
OURS |= settings.MIGRATION_MODULES.keys()  # what another's models come to, written down by us


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
