"""What a run of the tests does to the database that is configured: nothing."""

import os
import subprocess
import sys

from django.conf import settings

from tests.support.flushed import there_is_a_test_database


def test_no_test_of_this_run_needs_a_database(django_db_setup, request):
    """Runs by itself below: the database is set up where some test asks for one, and not here."""
    alone = len(request.session.items) == 1

    assert not (alone and there_is_a_test_database())


def test_a_run_that_needs_none_leaves_the_configured_one_alone(tmp_path):
    configured = tmp_path / "configured.sqlite3"
    name = f"{__file__}::{test_no_test_of_this_run_needs_a_database.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", name],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{configured}"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:]
    assert "1 passed" in done.stdout
    assert not configured.exists()
