"""One SQLite file with every table for a whole run; who needs a database of their own copies it.

Its tables are made from the models, as those of the tests' own database are, and the migrations are
noted as done. On PostgreSQL they do it, and for the demo, whose SQLite has to last through its
journeys.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.once import made_once

PROGRAM = """
from authserver.loading import load_django; load_django()
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
if not settings.DATABASES["default"].get("TEST", {}).get("MIGRATE", True):
    modules = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    settings.MIGRATION_MODULES = modules
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    for app, name in MigrationLoader(connection).graph.nodes:
        recorder.record_applied(app, name)
else:
    call_command("migrate", verbosity=0)
call_command("createcachetable")
connection.close()  # so that all of it is in the file
"""


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, made by the first process of the run that asks for it."""
    return made_once(tmp_path_factory, "empty.sqlite3", make)


def make(path: Path) -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{path}",
    }
    subprocess.run([sys.executable, "-c", PROGRAM], env=environ, check=True)
