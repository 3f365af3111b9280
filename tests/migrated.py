"""One migrated SQLite file for a whole run; who needs a database of their own copies it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.once import made_once

PROGRAM = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable")
"""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, made by the first process of the run that asks for it."""
    return made_once(tmp_path_factory, "migrated.sqlite3", migrate)


def migrate(path: Path) -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{path}",
    }
    subprocess.run([sys.executable, "-c", PROGRAM], env=environ, check=True)
