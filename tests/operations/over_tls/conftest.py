"""The server in each of its two deployments, over one database."""

import os
import shutil

import pytest

from tests.support import fronts


@pytest.fixture(scope="session")
def folder(tmp_path_factory, empty_database):
    """A database with clients in it, static files, the keys and certificates of everybody."""
    made = tmp_path_factory.mktemp("tls")
    shutil.copy(empty_database, made / "tls.sqlite3")
    fronts.run(made, "-m", "tests.operations.over_tls.seed", str(made))
    return made


@pytest.fixture(scope="session")
def embedded(folder):
    with fronts.embedded(folder) as running:
        yield running


@pytest.fixture(scope="session")
def nginx(folder):
    if shutil.which("nginx") is None:
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail("nginx is not installed, and CI_REQUIRE_ALL demands it")
        pytest.skip("NOT TESTED: nginx is not installed, so the deployment behind it is untried")
    with fronts.behind_nginx(folder) as running:
        yield running


@pytest.fixture(params=["embedded", pytest.param("nginx", marks=pytest.mark.nginx)])
def front(request):
    """The server in each of its two deployments."""
    return request.getfixturevalue(request.param)
