"""One migrated SQLite file for a whole run; who needs a database of their own copies it."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable")
"""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, made by the first process of the run that asks for it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    made = folder / "migrated.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = folder / "migrating.sqlite3"
            environ = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{new}",
            }
            subprocess.run([sys.executable, "-c", PROGRAM], env=environ, check=True)
            new.rename(made)
    return made
